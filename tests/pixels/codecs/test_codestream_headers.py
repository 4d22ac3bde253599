"""The headers of codestreams are read."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.uid import JPEG2000, JPEGBaseline8Bit, JPEGLSNearLossless

from safelight.pixels.codecs.codestream_headers import (
    FULL_PROGRESSION,
    read_actual_syntax,
    read_codestream_shape,
    read_color_declaration,
    read_lossy_method,
    read_max_pixels,
)
from safelight.pixels.frames.frame_source import FrameSource
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.redact.test_jpeg_blocks import jpeg, scene


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


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("JPEG-lossy.dcm", "1.2.840.10008.1.2.4.51"),
        ("SC_rgb_dcmtk_+eb+cr.dcm", str(JPEGBaseline8Bit)),
        ("MR_small_jpeg_ls_lossless.dcm", str(JPEGLSNearLossless)),
        ("MR_small_jp2klossless.dcm", str(JPEG2000)),
    ],
)
def test_the_bytes_of_a_codestream_state_its_transfer_syntax(name: str, syntax: str) -> None:
    source = FrameSource.from_bytes(path_of(name).read_bytes())
    assert read_actual_syntax(source.read_raw_frame(0)) == syntax


def test_fill_bytes_before_a_marker_are_skipped() -> None:
    frame = jpeg(scene(16, 24, 3), progressive=True)
    at = frame.index(b"\xff\xc2")
    filled = frame[:at] + b"\xff" * 5 + frame[at:]
    for codestream in (frame, filled):
        assert read_codestream_shape(codestream) == (16, 24, 3)
        assert read_actual_syntax(codestream) == FULL_PROGRESSION
        assert read_color_declaration(codestream) == "JFIF"


def test_a_codestream_without_a_frame_header_has_no_limit_of_pixels() -> None:
    assert read_max_pixels(b"\xff\xd8" + bytes(64)) is None
    assert read_max_pixels(jpeg(np.zeros((8, 8), np.uint8))) is not None


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("JPEG-lossy.dcm", "ISO_10918_1"),
        ("SC_rgb_jpeg_gdcm.dcm", ""),
        ("SC_rgb_jls_lossy_line.dcm", "ISO_14495_1"),
        ("JPEG2000.dcm", "ISO_15444_1"),
        ("MR_small_jp2klossless.dcm", ""),
    ],
)
def test_coding_process_gives_the_lossy_method(name: str, method: str) -> None:
    frame = FrameSource.from_bytes(path_of(name).read_bytes()).read_raw_frame(0)
    assert read_lossy_method(frame) == method


def test_bytes_that_are_no_codestream_have_no_lossy_method() -> None:
    assert [read_lossy_method(data) for data in (b"", b"\xff\xd8", b"\xff\x4f\xff\x51")] == [""] * 3
