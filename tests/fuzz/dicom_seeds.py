"""Small DICOM objects from which the fuzzer begins."""

from __future__ import annotations

import io
import struct
from functools import cache

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)

from tests.headers.objects import make_code, make_object, to_bytes

#: Words that identify the patient of the seeds.
PATIENT_WORDS = (b"HARGREAVE", b"PX440172")

_SIDE = 16


@cache
def make_seeds() -> list[bytes]:
    """Return objects with sequences, private elements, dates and a report, in each encoding."""
    syntaxes = (
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    )
    objects = [to_bytes(_make_header(str(syntax))) for syntax in syntaxes]
    return [*objects, objects[1][132:], to_bytes(_make_report()), *make_image_seeds()[:1]]


@cache
def make_image_seeds() -> list[bytes]:
    """Return native and encapsulated images."""
    pixels = np.arange(_SIDE * _SIDE, dtype=np.uint8).reshape(_SIDE, _SIDE)
    rle = struct.pack("<16L", 1, 64, *[0] * 14) + b"\x0f" + bytes(16) + b"\xf1\0" * 15
    return [
        _make_image(ExplicitVRLittleEndian, pixels.tobytes()),
        make_jpeg_object(),
        _make_image(RLELossless, encapsulate([rle, rle]), NumberOfFrames=2),
    ]


@cache
def make_jpeg_seeds() -> list[bytes]:
    """Return JPEG codestreams."""
    gray = np.arange(_SIDE * _SIDE, dtype=np.uint8).reshape(_SIDE, _SIDE)
    color = np.stack([gray, gray.T, gray[::-1]], axis=2)
    return [
        _encode_jpeg(gray),
        _encode_jpeg(color),
        _encode_jpeg(color, subsampling=2, restart_marker_blocks=1),
        _encode_jpeg(gray, progressive=True),
    ]


@cache
def make_jpeg_object() -> bytes:
    """Return an object with one JPEG frame."""
    return _make_image(JPEGBaseline8Bit, encapsulate([make_jpeg_seeds()[0]]))


def _make_header(syntax: str) -> Dataset:
    inner = Dataset()
    inner.PersonName, inner.StudyDate = "HARGREAVE^TOMAS", "20190311"
    ds = make_object(
        syntax,
        SpecificCharacterSet="ISO_IR 100",
        ImageComments="seen by Hargreave on 03/12/2019",
        AcquisitionDateTime="20190312101500.5+0100",
        PatientAge="057Y",
        Rows=4,
        RescaleSlope="1.5",
        WindowCenter=["40", "80"],
        ReferencedImageSequence=[inner, Dataset()],
        ProcedureCodeSequence=[make_code("1", "DCM", "Chest")],
        OtherPatientIDs=["PX440172", "B"],
    )
    block = ds.private_block(0x0019, "GEMS_ACQU_01", create=True)
    block.add_new(0x02, "SL", 912)
    block.add_new(0x9D, "DT", "20171019")
    ds.private_block(0x0029, "ACME", create=True).add_new(0x01, "SQ", [inner])
    return ds


def _make_report() -> Dataset:
    item = Dataset()
    item.ValueType, item.TextValue = "TEXT", "Hargreave was seen on 3 May 2019"
    item.RelationshipType = "CONTAINS"
    item.ConceptNameCodeSequence = [make_code("121071", "DCM", "Finding")]
    ds = make_object(Modality="SR", ContentSequence=[item], ValueType="CONTAINER")
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    return ds


def _make_image(syntax: str, pixel_data: bytes, **values: int) -> bytes:
    ds = make_object(str(syntax), Rows=_SIDE, Columns=_SIDE, **values)
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation, ds.SamplesPerPixel = 7, 0, 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.PixelData = pixel_data
    ds["PixelData"].VR = "OB"
    return to_bytes(ds)


def _encode_jpeg(picture: np.ndarray, **options: int) -> bytes:  # type: ignore[type-arg]
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", **options)
    return stream.getvalue()
