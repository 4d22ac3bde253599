"""The size and the colors that codestreams declare are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pydicom.uid import JPEGLosslessSV1

from safelight.pixels.codecs import decoders
from safelight.pixels.codecs.decoders import (
    DECODERS,
    decode_frame,
    decoded_photometric,
    is_color_transformed,
    read_codestream_shape,
)
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Reason, Refusal
from tests.faults import poison
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.redact.test_jpeg_blocks import header, jpeg, scene


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_jpeg_gdcm.dcm",
        "JPEG-lossy.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "JLSN_RGB_ILV0.dcm",
        "MR_small_jp2klossless.dcm",
        "examples_jpeg2k.dcm",
        "examples_ybr_color.dcm",
    ],
)
def test_codestreams_announce_the_size_of_their_object(name: str) -> None:
    source = FrameSource.from_bytes(path_of(name).read_bytes())
    info = source.info
    assert read_codestream_shape(source.read_raw_frame(0)) == (
        info.rows,
        info.columns,
        info.samples,
    )


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00" * 64])
def test_what_is_no_codestream_announces_nothing(frame: bytes) -> None:
    assert read_codestream_shape(frame) is None


def test_a_lack_of_memory_is_not_taken_for_a_broken_codestream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def decode(*_: object) -> None:
        raise MemoryError

    source = FrameSource.from_bytes(path_of("SC_rgb_jpeg_gdcm.dcm").read_bytes())
    monkeypatch.setitem(decoders.DECODERS, source.transfer_syntax, (decode,))
    with pytest.raises(MemoryError):
        source.read_frame(0)


def test_a_codestream_that_announces_another_size_is_not_even_tried() -> None:
    data = path_of("MR_small_jp2klossless.dcm").read_bytes()
    at = data.index(b"\xff\x4f\xff\x51") + 8
    with pytest.raises(Refusal) as refused:  # seven million columns
        FrameSource.from_bytes(data[:at] + b"\x00\x70" + data[at + 2 :]).read_frame(0)
    assert refused.value.reason is Reason.UNDECODABLE_PIXELS


@pytest.mark.parametrize("bomb", [poison.jpeg_bomb, poison.rle_bomb])
def test_a_frame_with_too_few_bytes_for_its_size_is_not_even_tried(
    bomb: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bytes] = []
    source = FrameSource.from_bytes(bomb())
    syntax = source.info.transfer_syntax
    monkeypatch.setitem(DECODERS, syntax, (lambda frame, info: tried.append(frame),))
    with pytest.raises(Refusal) as refused:
        source.read_frame(0)
    assert refused.value.reason is Reason.UNDECODABLE_PIXELS
    assert not tried


@pytest.mark.parametrize(
    ("name", "given", "transformed"),
    [
        ("SC_rgb_jpeg_app14_dcmd.dcm", "RGB", False),  # Adobe's marker: not transformed
        ("SC_jpeg_no_color_transform.dcm", "RGB", False),
        ("SC_rgb_dcmtk_+eb+cy+np.dcm", "YBR_FULL_422", True),
        ("examples_ybr_color.dcm", "YBR_FULL_422", True),
        ("SC_rgb_dcmtk_+eb+cr.dcm", "RGB", False),
    ],
)
def test_colors_of_a_jpeg(name: str, given: str, transformed: bool) -> None:
    source = FrameSource.from_bytes(path_of(name).read_bytes())
    assert source.photometric == given
    assert is_color_transformed(source.read_raw_frame(0), source.info) is transformed


def test_the_declaration_of_a_codestream_overrides_the_header() -> None:
    pixels = scene(16, 16, 3)
    info = header(pixels, "RGB")
    assert decoded_photometric(jpeg(pixels), info) == "YBR_FULL"  # JFIF
    assert (
        decoded_photometric(jpeg(pixels, keep_rgb=True), replace(info, photometric="YBR_FULL"))
        == "RGB"
    )


def test_baseline_jpeg_under_the_name_of_lossless_jpeg_is_decoded() -> None:
    pixels = np.full((256, 256), 100, np.uint8)
    frame = jpeg(pixels, quality=50)
    assert pixels.size > 8 * len(frame)
    info = replace(header(pixels, "MONOCHROME2"), transfer_syntax=str(JPEGLosslessSV1))
    assert abs(decode_frame(frame, info).astype(int) - 100).max() <= 2
