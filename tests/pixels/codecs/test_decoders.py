"""Codestreams are decoded, whatever transfer syntax and colors they declare."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless

from safelight.pixels.codecs import decoders
from safelight.pixels.codecs.codestream_headers import FULL_PROGRESSION, read_codestream_shape
from safelight.pixels.codecs.decoders import (
    DECODERS,
    decode_frame,
    decoded_photometric,
    is_color_transformed,
)
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Reason, Refusal
from tests.faults import poison
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.redact.test_jpeg_blocks import header, jpeg, scene


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


def ramp(step: int) -> np.ndarray[Any, Any]:
    """Return the picture of the codestreams below: a diagonal ramp of 24 × 24 values."""
    y, x = np.mgrid[:24, :24]
    return (x + y) * step


#: Codestreams of `ramp` that Pillow cannot write, by cjpeg of libjpeg-turbo.
ARITHMETIC = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsL"
    "EBYQERMUFRUVDA8XGBYUGBIUFRT/yQALCAAYABgBAREA/8wABgAQEAX/2gAIAQEAAD8A/wDkS3NM3E/jD/BvO9rkjwcd"
    "0a26p49P3kalC8gXBeSBQLV0RyAObojGfy+pQf/Z"
)
ARITHMETIC_PROGRESSION = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsL"
    "EBYQERMUFRUVDA8XGBYUGBIUFRT/ygALCAAYABgBAREA/8wABAAQ/9oACAEBAAAAAf8AyIMyHWPnTNVrIOD/zAAEEAX/"
    "2gAIAQEAAQUCFajAscwLUP2jyXsS/Oz/zAAEEAX/2gAIAQEABj8CwP/MAAQQBf/aAAgBAQABPyHVIi/VSqxu/9oACAEB"
    "AAAAEBv/zAAEEAX/2gAIAQEAAT8QUhwdtlgHaVCM/9k="
)
TWELVE_BITS = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsL"
    "EBYQERMUFRUVDA8XGBYUGBIUFRT/wQALDAAYABgBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAACwz/xAAbEAABBAMAAAAA"
    "AAAAAAAAAAAKACY2RFNhcf/aAAgBAQAAPwCB/EmEmhjMw1uaTVYkwk0MZmGtzSaqEmEmhjMw1uaQqokwk0MZmGtzSaqE"
    "mEmhjMw1uaTVYkwk0MZmGtzSFUEmEmhjMw1uaTVYkwk0MZmGtzSarEmEmhjMw1uaX//Z"
)


@pytest.mark.parametrize("process", range(50, 58))
@pytest.mark.parametrize("coded", [ARITHMETIC, ARITHMETIC_PROGRESSION, TWELVE_BITS, ""])
def test_each_jpeg_process_is_decoded_under_each_transfer_syntax(process: int, coded: str) -> None:
    stored, step = (12, 80) if coded == TWELVE_BITS else (8, 5)
    pixels = ramp(step)
    frame = base64.b64decode(coded) or jpeg(pixels.astype("u1"), quality=95, progressive=True)
    info = replace(
        header(pixels, "MONOCHROME2"),
        transfer_syntax=f"1.2.840.10008.1.2.4.{process}",
        bits_allocated=8 if stored == 8 else 16,
        bits_stored=stored,
        high_bit=stored - 1,
    )
    assert abs(decode_frame(frame, info).astype(int) - pixels).max() <= step


@pytest.mark.parametrize(
    "name", ["MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "JPEG-lossy.dcm"]
)
@pytest.mark.parametrize("stated", [JPEGBaseline8Bit, JPEGLSLossless, JPEG2000Lossless])
def test_a_codestream_is_decoded_under_the_transfer_syntax_of_another(
    name: str, stated: str
) -> None:
    source = FrameSource.from_bytes(path_of(name).read_bytes())
    values = decode_frame(
        source.read_raw_frame(0), replace(source.info, transfer_syntax=str(stated))
    )
    assert np.array_equal(values, source.read_frame(0))


def test_a_progressive_jpeg_of_one_level_has_few_bytes() -> None:
    pixels = np.full((2048, 2048), 100, np.uint8)
    frame = jpeg(pixels, quality=50, progressive=True)
    info = replace(header(pixels, "MONOCHROME2"), transfer_syntax=FULL_PROGRESSION)
    assert abs(decode_frame(frame, info).astype(int) - 100).max() <= 2


def _jpeg_2000_header(side: int) -> bytes:
    size = struct.pack(">H8LH", 0, side, side, 0, 0, side, side, 0, 0, 1)
    return b"\xff\x4f\xff\x51\0\x29" + size + b"\x07\1\1" + bytes(1100)


@pytest.mark.parametrize("side", [30_000, 65_535])
def test_a_jpeg_2000_of_a_kilobyte_that_states_a_huge_image_is_not_decoded(
    side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setitem(DECODERS, JPEG2000Lossless, (decode,))
    source = FrameSource.from_bytes(path_of("MR_small_jp2klossless.dcm").read_bytes())
    info = replace(source.info, rows=side, columns=side, samples=1)
    frame = _jpeg_2000_header(side)
    assert read_codestream_shape(frame) == (side, side, 1)
    with pytest.raises(Refusal) as refused:
        decode_frame(frame, info)
    assert refused.value.reason is Reason.UNDECODABLE_PIXELS


def test_a_blank_jpeg_2000_of_usual_size_is_decoded() -> None:
    from openjpeg.utils import encode_array

    source = FrameSource.from_bytes(path_of("MR_small_jp2klossless.dcm").read_bytes())
    frame = bytes(encode_array(np.zeros((2048, 2048), np.uint8), photometric_interpretation=2))
    info = replace(
        source.info, rows=2048, columns=2048, samples=1, bits_allocated=8, bits_stored=8,
        signed=False,
    )  # fmt: skip
    assert not decode_frame(frame, info).any()
