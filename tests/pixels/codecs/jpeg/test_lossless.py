"""GDCM decodes the frames of the encoder to the same values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import JPEGLosslessSV1

from safelight.pixels.codecs import decoders
from safelight.pixels.codecs.jpeg.huffman import UnsupportedJpegError
from safelight.pixels.codecs.jpeg.lossless import encode_lossless
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.pixels.redact.painting import Fill
from safelight.pixels.redact.redactor import redact_frames
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.objects import noise, rebuilt
from tests.pixels.redact.test_painting import INFO


def header_of(precision: int, samples: int) -> bytes:
    """Return the begin of a lossless codestream, as far as the encoder reads it."""
    parts = b"".join(bytes([n, 0x11, 0]) for n in range(1, samples + 1))
    payload = bytes([precision]) + bytes(4) + bytes([samples]) + parts
    return b"\xff\xd8\xff\xc3" + (len(payload) + 2).to_bytes(2, "big") + payload + bytes(9)


@settings(max_examples=40, deadline=None)
@given(
    precision=st.sampled_from([8, 10, 12, 15, 16]),
    samples=st.sampled_from([1, 3]),
    signed=st.booleans(),
    rows=st.integers(1, 20),
    columns=st.integers(1, 20),
    steep=st.booleans(),
)
def test_values_come_back(
    precision: int, samples: int, signed: bool, rows: int, columns: int, steep: bool
) -> None:
    if samples == 3:
        precision, signed = 8, False
    bits = noise(rows, columns, samples, bits=precision).astype(np.int64)
    if steep:  # differences of all sizes up to the largest, 32768 among them
        bits = np.where(bits % 2, (1 << precision) - 1, bits % 3 << precision - 1)
        bits &= (1 << precision) - 1
    high = 1 << precision - 1
    values = (bits ^ high) - high if signed else bits
    values = values if samples == 3 else values[..., 0]
    info = replace(
        INFO,
        transfer_syntax=str(JPEGLosslessSV1),
        rows=rows,
        columns=columns,
        samples=samples,
        photometric="RGB" if samples == 3 else "MONOCHROME2",
        bits_allocated=8 if precision == 8 else 16,
        bits_stored=precision,
        high_bit=precision - 1,
        signed=signed,
    )
    frame = encode_lossless(header_of(precision, samples), values, info)
    assert np.array_equal(decoders.decode_frame(frame, info), values)


def test_a_smooth_frame_is_smaller_than_native() -> None:
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint16) * 16
    info = replace(INFO, rows=64, columns=64, transfer_syntax=str(JPEGLosslessSV1))
    assert len(encode_lossless(header_of(12, 1), smooth, info)) < smooth.nbytes / 2


def test_a_real_object_keeps_its_syntax() -> None:
    data = path_of("SC_rgb_jpeg_gdcm.dcm").read_bytes()
    source = FrameSource.from_bytes(data)
    encoded = redact_frames(source, {0: [Fill(Box(10, 10, 30, 20))]})
    assert (encoded.method, encoded.transfer_syntax) == ("lossless", None)
    again = FrameSource.from_bytes(rebuilt(data, encoded)).read_frame(0).copy()
    assert not again[10:30, 10:40].any()
    again[10:30, 10:40] = source.read_frame(0)[10:30, 10:40]
    assert np.array_equal(again, source.read_frame(0))


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8\xff\xc0" + bytes(40), header_of(8, 3)])
def test_a_frame_that_is_not_lossless_jpeg_is_refused(frame: bytes) -> None:
    with pytest.raises(UnsupportedJpegError):
        encode_lossless(frame, noise(8, 8), replace(INFO, rows=8, columns=8))
