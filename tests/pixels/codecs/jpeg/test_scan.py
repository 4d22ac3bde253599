"""A scan keeps the bits of untouched blocks, and refuses data that contradict its header."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.codecs.jpeg.block_painting import ColorComponent
from safelight.pixels.codecs.jpeg.huffman import UnsupportedJpegError
from safelight.pixels.codecs.jpeg.scan import FrameParameters, JpegScan
from tests.pixels.codecs.jpeg.gray_jpeg import SIDE, GrayJpeg, decode, make_gray_jpeg


def scan_of(jpeg: GrayJpeg, touched: bool, restart_interval: int = 0) -> JpegScan:
    component = ColorComponent(1, 1, 1, 0, SIDE, SIDE)
    component.inside = np.zeros((SIDE, SIDE), bool)
    component.inside[8:16, 8:24] = touched
    component.paint = np.zeros((SIDE, SIDE))
    component.touched = component.inside.reshape(4, 8, 4, 8).any(axis=(1, 3))
    parameters = FrameParameters(jpeg.huffman, {0: jpeg.quantizer}, 8, restart_interval)
    return JpegScan(jpeg.scan_header, [component], parameters)


def test_a_scan_without_touched_blocks_is_unchanged() -> None:
    jpeg = make_gray_jpeg()
    assert scan_of(jpeg, touched=False).mask(jpeg.scan_data) == jpeg.scan_data


@pytest.mark.parametrize("optimize", [False, True])
def test_touched_blocks_are_painted_and_others_are_not(optimize: bool) -> None:
    jpeg = make_gray_jpeg(optimize)
    scan = scan_of(jpeg, touched=True)
    data = scan.mask(jpeg.scan_data)
    after = decode(jpeg.with_scan({**jpeg.huffman, **scan.extended_tables}, data))
    assert not after[8:16, 8:24].any()
    untouched = np.ones((SIDE, SIDE), bool)
    untouched[8:16, 8:24] = False
    assert np.array_equal(after[untouched], jpeg.decode()[untouched])


def test_missing_restart_markers_are_refused() -> None:
    jpeg = make_gray_jpeg()
    with pytest.raises(UnsupportedJpegError):
        scan_of(jpeg, touched=True, restart_interval=3).mask(jpeg.scan_data)


def test_a_scan_that_is_cut_is_refused() -> None:
    jpeg = make_gray_jpeg()
    with pytest.raises((UnsupportedJpegError, IndexError)):
        scan_of(jpeg, touched=True).mask(jpeg.scan_data[:20])
