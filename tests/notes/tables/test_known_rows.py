"""Tables of known values."""

from __future__ import annotations

import datetime

from safelight.notes.options import NotesOptions
from safelight.notes.tables.known_rows import read_known_values
from safelight.text.known.known_phi import KnownValue
from tests.notes.helpers import deidentifier, patient


def test_columns_and_values_say_what_is_known() -> None:
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


def test_a_row_without_a_patient_says_nothing() -> None:
    assert read_known_values({"name": "Zyxwell"}, NotesOptions()) is None
    assert read_known_values({"patient_id": " ", "name": "Zyxwell"}, NotesOptions()) is None
    assert read_known_values({"who": "P1"}, NotesOptions(patient_column="who")) is not None
