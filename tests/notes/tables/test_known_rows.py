"""Test the rows of a table of known values."""

from __future__ import annotations

import datetime

import pytest

from safelight.notes.options import NotesOptions
from safelight.notes.tables.known_rows import read_known_values
from safelight.text.known.known_phi import KnownValue
from tests.notes.helpers import deidentifier, patient


def test_the_entity_of_a_value_is_that_of_its_column_or_its_content() -> None:
    row = {
        "MRN": "p 1", "issuer": "hosp", "last_name": "Zyxwell", "dob": datetime.date(1950, 3, 4),
        "sex": "F", "relatives": "Farnsbury; Tom Wexcombe", "home_phone": "617-555-0142",
        "x1": "zyx@mail.test", "x2": "2001-02-03", "x3": "AB-778", "x4": "Brackenfold", "x5": None,
        "aliases": ["Quill", "Zed"],
    }  # fmt: skip
    facts = read_known_values(row, NotesOptions())
    assert facts is not None
    assert deidentifier().pseudonyms.patient(facts.identity) == patient("P 1", "HOSP")
    assert {(value.entity, value.text) for value in facts.known} == {
        ("NAME", "Zyxwell"), ("DATE", "1950-03-04"), ("NAME", "Farnsbury"),
        ("NAME", "Tom Wexcombe"), ("CONTACT", "617-555-0142"), ("CONTACT", "zyx@mail.test"),
        ("DATE", "2001-02-03"), ("ID", "AB-778"), ("NAME", "Brackenfold"), ("NAME", "Quill"),
        ("NAME", "Zed"),
    }  # fmt: skip
    assert KnownValue("NAME", "Farnsbury", "RELATIVE") in facts.known


@pytest.mark.parametrize("row", [{"name": "Zyxwell"}, {"patient_id": " ", "name": "Zyxwell"}])
def test_a_row_without_a_patient_has_no_known_values(row: dict[str, str]) -> None:
    assert read_known_values(row, NotesOptions()) is None


def test_the_patient_column_may_be_named() -> None:
    assert read_known_values({"who": "P1"}, NotesOptions(patient_column="who")) is not None


def test_values_of_everyone_have_no_identity() -> None:
    facts = read_known_values({"patient_id": "*", "provider": "Zyxwell"}, NotesOptions())
    assert facts is not None
    assert facts.identity == ""
    assert [value.text for value in facts.known] == ["Zyxwell"]
