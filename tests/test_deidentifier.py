"""SCAN of an object's beginning finds what SCAN of the whole object finds, or says no."""

from __future__ import annotations

import io

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, JPEGBaseline8Bit

from safelight import Deidentifier

KEY = bytes(range(32))
START = 4096


def an_object(compressed: bool = False, comment: str = "seen by Whitlow", more: int = 0) -> bytes:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if compressed else ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "1.2.4", "1.2.5", "CT"
    ds.PatientID, ds.PatientName, ds.StudyDescription = "P1", "Doe^Jane", comment
    ds.Rows = ds.Columns = 128
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    pixels = bytes(range(256)) * 64
    ds.PixelData = encapsulate([pixels]) if compressed else pixels
    ds["PixelData"].VR = "OB"
    if more:
        ds.add_new(0xFFFCFFFC, "OB", bytes(more))
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def engine() -> Deidentifier:
    return Deidentifier("research", key=KEY, pixels=False)


def test_the_beginning_tells_what_the_whole_tells(engine: Deidentifier) -> None:
    data = an_object()
    found = engine.scan_start(data[:START], len(data))
    assert found is not None and found.texts == engine.scan(data).texts
    assert "seen by Whitlow" in found.texts


@pytest.mark.parametrize(
    "data",
    [
        an_object(compressed=True),
        an_object(more=64),
        an_object(comment="x" * 9000),
        an_object()[:-10] + b"1234567890" * 2,
        b"no DICOM" * 2000,
    ],
)
def test_what_the_beginning_does_not_tell_for_sure_takes_the_whole(
    engine: Deidentifier, data: bytes
) -> None:
    assert engine.scan_start(data[:START], len(data)) is None


def test_pixels_that_are_looked_at_take_the_whole() -> None:
    data = an_object()
    assert Deidentifier("research", key=KEY).scan_start(data[:START], len(data)) is None
