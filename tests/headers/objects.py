"""Objects for tests, written by pydicom, so that Safelight reads what another library wrote."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pydicom
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from safelight import Deidentifier
from safelight.records import Annotate, Result, Span, Status

KEY = bytes(range(32))
#: Surnames that the model of :func:`make_name_model` finds.
_MODEL_NAMES = ("OCKHAM", "FERNCASTLE")


def make_object(transfer_syntax: str = ExplicitVRLittleEndian, **values: Any) -> Dataset:
    """Return a small CT instance of an invented patient; ``values`` are set by keyword."""
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


def add_raw(ds: Dataset, tag: int, vr: str, value: bytes) -> Dataset:
    """Add an element whose VR or value is not valid, and return the object."""
    ds[tag] = DataElement(tag, vr if vr != "DS" else "LO", "x")
    ds._dict[Tag(tag)] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)
    return ds


def make_code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return an item of a code sequence."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code


def to_bytes(ds: Dataset) -> bytes:
    """Return the object as a file of the transfer syntax that it states."""
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def read(data: bytes | None) -> Dataset:
    """Read an output with pydicom."""
    assert data is not None
    return pydicom.dcmread(io.BytesIO(data))


def make_deidentifier(rules: Any = "research", **options: Any) -> Deidentifier:
    """Return a de-identifier with pixels off."""
    return Deidentifier(rules, **{"key": KEY, "pixels": False, **options})


def deidentify(ds: Dataset, rules: Any = "research", **options: Any) -> tuple[Dataset, Result]:
    """De-identify an object; return the output as pydicom reads it, and the result."""
    result = make_deidentifier(rules, **options).deidentify(to_bytes(ds))
    assert result.status is Status.DEIDENTIFIED, result.reason
    return read(result.data), result


def find_nothing(texts: Sequence[str]) -> list[list[Span]]:
    """Annotate texts as a text model that finds nothing."""
    return [[] for _ in texts]


def make_name_model(confidence: float = 0.95) -> Annotate:
    """Return a text model that knows two surnames and takes every number for an identifier."""

    def find(text: str) -> list[Span]:
        upper = text.upper()
        found = [(upper.index(name), len(name)) for name in _MODEL_NAMES if name in upper]
        spans = [Span(begin, begin + size, "NAME", "ner", confidence) for begin, size in found]
        if text.strip().isdigit():
            spans.append(Span(0, len(text), "ID", "ner", 0.99))
        return spans

    return lambda texts: [find(text) for text in texts]


def method_codes(ds: Dataset) -> set[str]:
    """Return the codes of De-identification Method Code Sequence."""
    return {item.CodeValue for item in ds.DeidentificationMethodCodeSequence}
