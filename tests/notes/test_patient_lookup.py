"""Patient IDs of notes are those of the lookup table of the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import FilePart
from safelight.notes.models import FilePartResult
from safelight.rules import load_rules
from tests.notes.helpers import KEY

CSV = b"patient_id,note\n px-1 ,stable\nPX-1,better\n"
ENTRY = "{tag: PatientID, action: lookup, table: subjects, column: study_id}"


def deidentify(
    folder: Path, data: bytes = CSV, entry: str = ENTRY, more: str = ""
) -> FilePartResult:
    """De-identify a CSV file with rules that have a lookup table."""
    (folder / "subjects.csv").write_text("patient_id,study_id\nPX-1,S-001\n")
    path = folder / "rules.yaml"
    path.write_text(
        f"name: a\nversion: '1'\nextends: basic\nelements: [{entry}]\n"
        f"lookups: {{subjects: {{uri: subjects.csv, key: patient_id{more}}}}}\n"
    )
    rules = load_rules(str(path))
    return NotesDeidentifier(rules, key=KEY).deidentify(FilePart(data, "csv", "in/a.csv"))


def read_ids(result: FilePartResult) -> list[str]:
    assert result.data is not None, result.reason
    return [line.split(",")[0] for line in result.data.decode().splitlines()[1:]]


def test_the_id_is_that_of_the_table(tmp_path: Path) -> None:
    result = deidentify(tmp_path)
    assert read_ids(result) == ["S-001", "S-001"]
    assert {(one.kind, one.pseudonym) for one in result.mappings} >= {("patient_id", "S-001")}


def test_a_record_of_an_unknown_patient_is_quarantined(tmp_path: Path) -> None:
    result = deidentify(tmp_path, CSV + b"PX-2,worse\n")
    assert [note.reason_code for note in result.notes] == ["", "", "lookup_missing"]
    assert "PX-2" not in result.notes[2].reason and read_ids(result) == ["S-001", "S-001"]


@pytest.mark.parametrize(("missing", "is_empty"), [("remove", True), ("derive", False)])
def test_a_missing_row_removes_or_derives(tmp_path: Path, missing: str, is_empty: bool) -> None:
    (found,) = read_ids(
        deidentify(tmp_path, b"patient_id,note\nPX-2,a\n", ENTRY, f", missing: {missing}")
    )
    assert (not found) is is_empty and found not in ("PX-2", "S-001")


@pytest.mark.parametrize(
    ("entry", "more"),
    [
        (ENTRY.replace("{tag", "{when: {Modality: {equals: CT}}, tag"), ""),
        (ENTRY.replace("PatientID", "ClinicalTrialSubjectID"), ""), (ENTRY, ", match: StudyID"),
    ],
)  # fmt: skip
def test_other_lookups_have_no_meaning_in_notes(tmp_path: Path, entry: str, more: str) -> None:
    found = read_ids(deidentify(tmp_path, CSV, entry, more))
    assert found[0] == found[1] not in ("S-001", "PX-1")


def test_dates_are_shifted_by_the_days_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "subjects.csv").write_text("patient_id,days\nPX-1,-10\n")
    path = tmp_path / "rules.yaml"
    path.write_text(
        "name: a\nversion: '1'\nextends: basic\noptions: [retain_long_modified_dates]\n"
        "lookups: {subjects: {uri: subjects.csv, key: patient_id}}\n"
        "dates: {lookup: {table: subjects, column: days}}\n"
    )
    data = b"patient_id,note_date,note\n px-1 ,2019-03-15,stable\nPX-2,2019-03-15,worse\n"
    result = NotesDeidentifier(load_rules(str(path)), key=KEY).deidentify(
        FilePart(data, "csv", "in/a.csv")
    )
    assert [note.reason_code for note in result.notes] == ["", "lookup_missing"]
    assert b"2019-03-05" in (result.data or b"")


@pytest.mark.parametrize(
    ("table", "written"), [("keep", "PX-2"), ("default, default: NONE", "NONE")]
)
def test_a_missing_row_keeps_the_identifier_or_writes_a_default(
    tmp_path: Path, table: str, written: str
) -> None:
    source = b"patient_id,note\nPX-2,a\n"
    result = deidentify(tmp_path, source, ENTRY, f", missing: {table}")
    assert result.data is not None and written in result.data.decode()
