"""Objects for header tests, written by pydicom so that the engine reads what another wrote."""

from __future__ import annotations

import io
from typing import Any

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from safelight import Deidentifier
from safelight.records import Result, Status

KEY = bytes(range(32))


def make_object(transfer_syntax: str = ExplicitVRLittleEndian, **values: Any) -> Dataset:
    """A small CT instance with an invented patient; ``values`` are set by keyword."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = transfer_syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = CTImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    ds.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    ds.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.3"
    ds.Modality, ds.BitsAllocated = "CT", 16
    ds.PatientName = "HARGREAVE^TOMAS"
    ds.PatientID = "PX440172"
    ds.PatientBirthDate = "19610702"
    ds.StudyDate = "20190312"
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def to_bytes(ds: Dataset) -> bytes:
    """The object as a file of the transfer syntax it declares."""
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def read(data: bytes | None) -> Dataset:
    """What another reader sees."""
    assert data is not None
    return pydicom.dcmread(io.BytesIO(data))


def engine(rules: str = "research", **options: Any) -> Deidentifier:
    """The engine with pixels off."""
    return Deidentifier(rules, **{"key": KEY, "pixels": False, **options})


def deidentify(ds: Dataset, rules: str = "research", **options: Any) -> tuple[Dataset, Result]:
    """The new object as another reader sees it, and the result."""
    result = engine(rules, **options).deidentify(to_bytes(ds))
    assert result.status is Status.DEIDENTIFIED, result.reason
    return read(result.data), result
