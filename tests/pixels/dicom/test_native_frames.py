"""Stored values go into the bytes of a frame and come back, with all other bits unchanged."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from safelight.pixels.dicom.image_module import PixelInfo, read_pixel_info
from safelight.pixels.dicom.native_frames import frame_bytes, replace_pixels, unpack_frame
from safelight.records import Reason, Refusal
from tests.pixels.objects import noise

INSIDE = np.zeros((6, 8), bool)
INSIDE[1:4, 2:5] = True


def info_of(**header: object) -> PixelInfo:
    dataset = Dataset()
    for keyword, value in {"Rows": 6, "Columns": 8, **header}.items():
        setattr(dataset, keyword, value)
    return read_pixel_info(dataset, "1.2.840.10008.1.2.1", "integer")


LAYOUTS = [
    info_of(BitsAllocated=8, BitsStored=8),
    info_of(BitsAllocated=16, BitsStored=12, HighBit=13),
    info_of(BitsAllocated=32, BitsStored=32),
    info_of(BitsAllocated=8, BitsStored=8, SamplesPerPixel=3, PlanarConfiguration=0),
    info_of(BitsAllocated=8, BitsStored=8, SamplesPerPixel=3, PlanarConfiguration=1),
]


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("info", LAYOUTS, ids=lambda info: f"{info.samples}x{info.bits_stored}")
def test_only_pixels_inside_are_replaced(info: PixelInfo, big: bool) -> None:
    raw = noise(frame_bytes(info)).tobytes()
    before = unpack_frame(raw, info, big)
    values = np.zeros_like(before)
    after = unpack_frame(replace_pixels(raw, values, INSIDE, info, big), info, big)
    assert not after[INSIDE].any()
    assert np.array_equal(after[~INSIDE], before[~INSIDE])


def test_unused_bits_of_replaced_pixels_are_unchanged() -> None:
    info = info_of(BitsAllocated=16, BitsStored=12, HighBit=11)
    raw = np.full((6, 8), 0xF123, "<u2").tobytes()
    new = replace_pixels(raw, np.zeros((6, 8), np.uint16), INSIDE, info)
    assert (np.frombuffer(new, "<u2").reshape(6, 8)[INSIDE] == 0xF000).all()


def test_a_frame_of_one_bit_is_packed_again() -> None:
    info = info_of(BitsAllocated=1, BitsStored=1)
    raw = bytes([0xFF] * frame_bytes(info))
    after = unpack_frame(replace_pixels(raw, np.zeros((6, 8), np.uint8), INSIDE, info), info)
    assert np.array_equal(after == 0, INSIDE)


def test_too_few_bytes_are_refused() -> None:
    info = info_of(BitsAllocated=8, BitsStored=8)
    with pytest.raises(Refusal) as refused:
        unpack_frame(bytes(7), info)
    assert refused.value.reason is Reason.TRUNCATED


def test_a_number_of_bits_that_is_not_in_the_standard_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        frame_bytes(info_of(BitsAllocated=13))
    assert refused.value.reason is Reason.UNDECODABLE_PIXELS
