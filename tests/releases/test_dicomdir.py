from __future__ import annotations

import io
import re

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.filereader import read_dataset
from pydicom.uid import BasicTextSRStorage

from safelight.releases.dicomdir import (
    DirectoryEntry,
    make_entry,
    make_file_id,
)
from tests.releases.objects import make_object


def read(patient: str, number: int = 1, study: int = 1) -> FileDataset:
    return dcmread(io.BytesIO(make_object(patient, number, study)))


def name(ds: FileDataset) -> str:
    return make_file_id(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)


def entry(ds: FileDataset) -> DirectoryEntry:
    made = make_entry(ds, name(ds))
    assert made is not None
    return made


def test_a_file_id_has_components_of_eight_characters() -> None:
    assert re.fullmatch(r"[A-Z0-9]{8}/[A-Z0-9]{8}/[A-Z0-9]{8}", make_file_id("1.2", "1.3", "1.4"))
    assert make_file_id("1.2", "1.3", "1.4") != make_file_id("1.2", "1.3", "1.5")


def test_values_that_a_record_requires_are_filled_in() -> None:
    ds = read("PSEUDONYM0000001")
    ds.StudyDate = ""
    assert "SeriesNumber" not in ds
    assert make_entry(ds, name(ds)) is not None
    assert ds.StudyDate == "" and "SeriesNumber" not in ds


def test_an_object_without_a_value_of_its_own_type_has_no_record() -> None:
    ds = read("PSEUDONYM0000001")
    ds.SOPClassUID = BasicTextSRStorage  # without Completion Flag
    assert make_entry(ds, name(ds)) is None


def read_records(made: DirectoryEntry) -> list[Dataset]:
    return [
        read_dataset(io.BytesIO(record), is_implicit_VR=False, is_little_endian=True)
        for record in made.records
    ]


def make_document(*relationships: str) -> FileDataset:
    ds = read("PSEUDONYM0000001")
    ds.SOPClassUID = BasicTextSRStorage
    ds.CompletionFlag, ds.VerificationFlag = "COMPLETE", "UNVERIFIED"
    ds.ContentDate, ds.ContentTime = "20200101", "120000"
    ds.ConceptNameCodeSequence = [Dataset()]
    ds.ContentSequence = []
    for relationship in relationships:
        item = Dataset()
        item.RelationshipType, item.ValueType = relationship, "TEXT"
        item.TextValue = "no acute finding"
        ds.ContentSequence.append(item)
    return ds


@pytest.mark.parametrize(
    ("relationships", "kept"),
    [
        (("HAS CONCEPT MOD", "CONTAINS", "HAS OBS CONTEXT"), ["HAS CONCEPT MOD"]),
        (("CONTAINS",), []),
    ],
)
def test_the_record_of_a_document_has_its_concept_modifiers_only(
    relationships: tuple[str, ...], kept: list[str]
) -> None:
    ds = make_document(*relationships)
    document = read_records(entry(ds))[-1]
    assert [item.RelationshipType for item in document.get("ContentSequence", [])] == kept
    assert len(ds.ContentSequence) == len(relationships)


def test_records_name_a_character_set_of_the_standard() -> None:
    ds = read("PSEUDONYM0000001")
    ds.SpecificCharacterSet = "ISO-IR 100"
    ds.StudyDescription = "Schädel"
    study = read_records(entry(ds))[1]
    assert (study.SpecificCharacterSet, study.StudyDescription) == ("ISO_IR 192", "Schädel")
