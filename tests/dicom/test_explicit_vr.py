"""Objects in implicit VR are encoded in explicit VR."""

from __future__ import annotations

import io

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight import Deidentifier
from safelight.dicom.explicit_vr import encode_explicit
from safelight.dicom.parser import parse
from tests.fuzz.dicom_seeds import make_jpeg_object
from tests.headers.objects import KEY, make_code, make_object, to_bytes

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"


def _make_object(undefined: bool, signed: int) -> Dataset:
    inner, item = Dataset(), Dataset()
    inner.PersonName = "HARGREAVE^TOMAS"
    item.ReferencedImageSequence = [inner, Dataset()]
    ds = make_object(
        ImplicitVRLittleEndian, ReferencedImageSequence=[item], PixelRepresentation=signed,
        ProcedureCodeSequence=[make_code("1", "DCM", "Chest")], ImageComments="x" * 70_001,
    )  # fmt: skip
    ds.add_new(0x00280106, "SS" if signed else "US", 5)
    ds["ReferencedImageSequence"].is_undefined_length = undefined
    item.is_undefined_length_sequence_item = undefined
    ds.private_block(0x0019, "ACME", create=True).add_new(1, "UN", b"ab")
    return ds


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("signed", [0, 1])
def test_an_explicit_data_set_has_the_same_values(undefined: bool, signed: int) -> None:
    ds = _make_object(undefined, signed)
    parsed = parse(to_bytes(ds))
    explicit = encode_explicit(parsed.data, parsed.elements)
    new = pydicom.dcmread(io.BytesIO(_make_header(ExplicitVRLittleEndian) + explicit))
    assert not new.original_encoding[0]
    assert new["SmallestImagePixelValue"].VR == ("SS" if signed else "US")
    assert new.ReferencedImageSequence == ds.ReferencedImageSequence
    assert new.ProcedureCodeSequence == ds.ProcedureCodeSequence
    assert new[0x0020, 0x4000].value.decode().strip() == ds.ImageComments
    assert new[0x0019, 0x1001].value == b"ab"


def test_encapsulated_pixels_in_implicit_vr_are_written_in_explicit_vr() -> None:
    explicit = make_jpeg_object()
    end = 144 + int.from_bytes(explicit[140:144], "little")
    implicit = to_bytes(_without_pixels(explicit))
    start = 144 + int.from_bytes(implicit[140:144], "little")
    at = explicit.index(b"\xe0\x7f\x10\x00OB")
    data = explicit[:end] + implicit[start:] + explicit[at : at + 4] + explicit[at + 8 :]
    assert parse(data).data == explicit[end:]
    result = Deidentifier("research", key=KEY, pixels=False).deidentify(data)
    assert result.transfer_syntax_out == JPEG_BASELINE
    assert result.data is not None
    new = pydicom.dcmread(io.BytesIO(result.data))
    assert not new.original_encoding[0]
    assert new.PixelData == pydicom.dcmread(io.BytesIO(explicit)).PixelData


def _make_header(syntax: str) -> bytes:
    data = to_bytes(make_object(syntax))
    return data[: 144 + int.from_bytes(data[140:144], "little")]


def _without_pixels(data: bytes) -> Dataset:
    ds = pydicom.dcmread(io.BytesIO(data))
    del ds.PixelData
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return ds
