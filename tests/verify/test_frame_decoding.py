"""Decoding of frames for the checks of pixels."""

from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import (
    MPEG2MPML,
    UID,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    RLELossless,
)

from safelight.verify.defects import Check
from safelight.verify.dicom_object import DicomObject
from safelight.verify.frame_decoding import DEFLATED_FRAME, NoDecoderError, decode_frame
from safelight.verify.pixel_data import NO_DECODER, check_pixel_data
from tests.pixels.objects import encapsulated_object

DATA = Path(__file__).parents[1] / "data"
FULL_PROGRESSION = "1.2.840.10008.1.2.4.55"
BITS = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}


def make(frames: list[bytes], syntax: str, rows: int, columns: int, **header: Any) -> Dataset:
    """Return an object; pydicom does not write all transfer syntaxes."""
    data = encapsulated_object(frames, RLELossless, Rows=rows, Columns=columns, **header)
    dataset = dcmread(BytesIO(data))
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    return dataset


def draw_bits(rows: int, columns: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(5).integers(0, 2, (rows, columns), np.uint8)


def encode_rle(segment: bytes) -> bytes:
    """Return an RLE frame of one segment, of literal runs (PS3.5, annex G)."""
    runs = [segment[start : start + 128] for start in range(0, len(segment), 128)]
    header = np.array([1, 64, *[0] * 14], "<u4").tobytes()
    return header + b"".join(bytes([len(run) - 1]) + run for run in runs)


def test_twelve_bit_jpeg_is_decoded() -> None:
    frame = decode_frame(dcmread(str(get_testdata_file("JPEG-lossy.dcm", download=False))), 0)
    assert frame.values.shape == (1024, 256)
    assert (int(frame.values.min()), int(frame.values.max())) == (0, 264)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("gray8", {}),
        ("gray12", {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}),
        ("signed16", {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15,
                      "PixelRepresentation": 1}),
        ("rgb8", {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_RCT",
                  "PlanarConfiguration": 0}),
    ],
)  # fmt: skip
def test_htj2k_is_decoded(name: str, header: dict[str, Any]) -> None:
    from openjpeg.utils import decode

    codestream = (DATA / "htj2k" / f"{name}.j2c").read_bytes()
    frame = decode_frame(make([codestream], HTJ2KLosslessRPCL, 48, 64, **header), 0)
    assert np.array_equal(frame.values, decode(codestream))
    assert frame.photometric == ("RGB" if name == "rgb8" else "MONOCHROME2")


def test_htj2k_of_another_size_than_its_header_is_refused() -> None:
    codestream = (DATA / "htj2k" / "gray8.j2c").read_bytes()
    with pytest.raises(ValueError):
        decode_frame(make([codestream], HTJ2KLosslessRPCL, 48, 63), 0)


@pytest.mark.parametrize("index", [0, 1])
def test_deflated_frames_are_decoded(index: int) -> None:
    bits = [draw_bits(5, 7), 1 - draw_bits(5, 7)]
    packed = [np.packbits(b, bitorder="little").tobytes() for b in bits]
    deflated = [zlib.compress(data, wbits=-15) for data in packed]
    dataset = make(deflated, DEFLATED_FRAME, 5, 7, NumberOfFrames=2, **BITS)
    assert np.array_equal(decode_frame(dataset, index).values, bits[index])


def test_no_more_of_a_deflated_frame_is_decoded_than_its_header_describes() -> None:
    deflated = zlib.compress(bytes(64 << 20), wbits=-15)
    frame = decode_frame(make([deflated], DEFLATED_FRAME, 4, 4), 0)
    assert frame.values.shape == (4, 4)


@pytest.mark.parametrize("is_packed", [True, False])
def test_rle_of_single_bits_is_decoded(is_packed: bool) -> None:
    bits = draw_bits(9, 11)
    segment = np.packbits(bits, bitorder="little") if is_packed else bits
    frame = decode_frame(make([encode_rle(segment.tobytes())], RLELossless, 9, 11, **BITS), 0)
    assert np.array_equal(frame.values, bits)


def test_progressive_jpeg_is_decoded() -> None:
    buffer = BytesIO()
    Image.fromarray(np.full((16, 24), 120, np.uint8)).save(buffer, "JPEG", progressive=True)
    frame = decode_frame(make([buffer.getvalue()], FULL_PROGRESSION, 16, 24), 0)
    assert frame.values.shape == (16, 24) and abs(int(frame.values[3, 3]) - 120) < 3


def test_an_encoding_without_a_decoder_is_named() -> None:
    dataset = make([b"\0" * 8], MPEG2MPML, 4, 4)
    with pytest.raises(NoDecoderError):
        decode_frame(dataset, 0)
    data = encapsulated_object([b"\0" * 8], MPEG2MPML, Rows=4, Columns=4)
    (defect,) = check_pixel_data(DicomObject.parse(data))
    assert (defect.check, defect.detail) == (Check.UNCHECKED, NO_DECODER)


@pytest.mark.parametrize("syntax", [RLELossless, HTJ2KLosslessRPCL])
def test_frames_that_cannot_be_decoded_are_not_checked(syntax: str) -> None:
    data = encapsulated_object([b"\xff\x80" * 8], syntax, Rows=4, Columns=4, **BITS)
    (defect,) = check_pixel_data(DicomObject.parse(data))
    assert defect.check is Check.UNCHECKED and defect.detail.startswith("cannot be decoded")


def test_a_transfer_syntax_that_pydicom_does_not_know_is_checked() -> None:
    data = (DATA / "dicom" / "liver_nonbyte_aligned_deflate.dcm").read_bytes()
    assert list(check_pixel_data(DicomObject.parse(data))) == []


def test_frames_of_pydicom_have_their_photometric_interpretation() -> None:
    path = get_testdata_file("SC_ybr_full_422_uncompressed.dcm", download=False)
    frame = decode_frame(dcmread(str(path)), 0)
    assert frame.photometric == "RGB" and frame.values.shape[-1] == 3


def test_jpeg_2000_is_decoded_by_pydicom() -> None:
    dataset = dcmread(DATA / "dicom" / "emri_small_jpeg_2k_lossless.dcm")
    assert dataset.file_meta.TransferSyntaxUID == JPEG2000Lossless
    assert decode_frame(dataset, 9).values.shape == (64, 64)
