"""Models keep their numbers and lose their texts."""

from __future__ import annotations

from io import BytesIO
from struct import pack

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from safelight import Deidentifier
from safelight.documents.surface_models import MTL, OBJ, STL, can_clean, clean_surface_model
from safelight.records import Reason, Refusal

TRIANGLE = pack("<12f", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0)


def stl(header: bytes = b"", attributes: bytes = b"\0\0", count: int = 2) -> bytes:
    return header.ljust(80, b" ") + pack("<I", count) + (TRIANGLE + attributes) * 2


def test_stl_keeps_its_triangles_only() -> None:
    data = stl(b"Heart of QUANDARY, 1970-01-02", b"QU")
    assert clean_surface_model(data, STL) == bytes(80) + pack("<I", 2) + (TRIANGLE + b"\0\0") * 2


@pytest.mark.parametrize("end", [-1, 0])
def test_stl_with_or_without_padding_is_read(end: int) -> None:
    data = stl()
    expected = bytes(80) + data[80:]
    assert clean_surface_model(data[: len(data) + end], STL) == expected
    assert clean_surface_model(data + b"\0", STL) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"solid QUANDARY\nendsolid",
        stl(count=3),
        stl(count=0xFFFFFFFF),
        stl() + b"QUANDARY",
        stl()[:84] + pack("<12f", *[float("nan")] * 12) + stl()[132:],
    ],
)
def test_what_is_not_binary_stl_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        clean_surface_model(data, STL)
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT


def test_obj_keeps_numbers_and_loses_texts() -> None:
    data = b"""# QUANDARY
mtllib quandary.mtl
o Heart_of_Quandary
v 1.0 -2e-3 .5 # QUANDARY
vt 0 1
f 1/1/1 2//2 3
usemtl QUANDARY
s off
f 1 \\
2 3
call quandary.obj 1
"""
    assert clean_surface_model(data, OBJ).split(b"\n") == [
        b"o o1", b"v 1.0 -2e-3 .5", b"vt 0 1", b"f 1/1/1 2//2 3", b"s off", b"f 1 2 3", b"",
    ]  # fmt: skip


def test_mtl_keeps_colors_and_loses_names() -> None:
    data = b"newmtl QUANDARY\nKd 0.1 0.2 0.3\nmap_Kd /home/quandary/face.jpg\nillum 2\n"
    assert clean_surface_model(data, MTL) == b"newmtl material1\nKd 0.1 0.2 0.3\nillum 2\n"


@pytest.mark.parametrize(
    "data", [b"v QUANDARY 1 2", b"f 1/Q/1", b"v " + b"1" * 33, b"v 1e999", b"", b"# nothing"]
)
def test_a_text_among_the_numbers_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        clean_surface_model(data, OBJ)


@given(st.binary(max_size=200), st.sampled_from([OBJ, MTL]))
def test_cleaning_is_idempotent(data: bytes, media_type: str) -> None:
    try:
        cleaned = clean_surface_model(b"v 1 2 3\nKd 1 1 1\n" + data, media_type)
    except Refusal:
        return
    assert clean_surface_model(cleaned, media_type) == cleaned


def test_media_types_of_models() -> None:
    assert can_clean("model/stl") and not can_clean("model/u3d")


def test_an_object_with_a_model_is_deidentified() -> None:
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.3"
    dataset.SOPInstanceUID, dataset.StudyInstanceUID = "1.2.3.4", "1.2.3"
    dataset.SeriesInstanceUID, dataset.PatientID, dataset.Modality = "1.2.3.1", "P1", "M3D"
    dataset.PatientName = "QUANDARY^ZYX"
    dataset.MIMETypeOfEncapsulatedDocument = STL
    dataset.EncapsulatedDocument = stl(b"by Quandary")
    dataset.EncapsulatedDocumentLength = len(stl())
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    result = Deidentifier(
        rules="research", key=bytes(range(32)), annotate=lambda texts: [[] for _ in texts]
    ).deidentify(stream.getvalue())
    assert result.data is not None, result.reason
    new = pydicom.dcmread(BytesIO(result.data))
    assert new.EncapsulatedDocument[: new.EncapsulatedDocumentLength] == bytes(80) + stl()[80:]
    assert b"uandary" not in result.data.lower()
