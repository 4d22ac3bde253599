"""Date shifts that a lookup table gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from safelight.records import Status
from safelight.rules import RulesError
from tests.headers.objects import deidentify, make_deidentifier, make_object, to_bytes
from tests.headers.test_lookups_and_additions import make_rules

ROWS = "patient_id,days\nPX440172,-10\n px 2 ,+33\nYEAR,365\nZERO,0\nWORD,many\nNONE,\nSTUDY,-7\n"
BODY = "options: [retain_long_modified_dates]\ndates: {lookup: {table: subjects, column: days}}\n"


def rules_of(folder: Path, table: str = "", body: str = BODY) -> Any:
    return make_rules(folder, body, table, ROWS)


@pytest.mark.parametrize(
    ("patient", "expected"), [("PX440172", "20190305"), ("PX  2", "20190417"), ("px 2", "20190417")]
)
def test_dates_are_shifted_by_the_days_of_the_table(
    tmp_path: Path, patient: str, expected: str
) -> None:
    new, _ = deidentify(make_object(PatientID=patient, StudyDate="20190315"), rules_of(tmp_path))
    assert new.StudyDate == expected and new.LongitudinalTemporalInformationModified == "MODIFIED"


def test_the_issuer_of_the_patient_does_not_hide_the_row(tmp_path: Path) -> None:
    ds = make_object(IssuerOfPatientID="NORTH", StudyDate="20190315")
    assert deidentify(ds, rules_of(tmp_path))[0].StudyDate == "20190305"


@pytest.mark.parametrize("patient", ["OTHER", "YEAR", "ZERO", "WORD", "NONE", ""])
def test_a_patient_without_a_usable_shift_is_quarantined(tmp_path: Path, patient: str) -> None:
    result = make_deidentifier(rules_of(tmp_path)).deidentify(
        to_bytes(make_object(PatientID=patient))
    )
    assert (result.status, result.reason_code) == (Status.QUARANTINED, "lookup_missing")
    assert "OTHER" not in result.reason and "many" not in result.reason


@pytest.mark.parametrize("patient", ["OTHER", "NONE", ""])
def test_a_missing_shift_is_derived_if_the_table_says_so(tmp_path: Path, patient: str) -> None:
    ds = make_object(PatientID=patient, StudyDate="20190315")
    new, _ = deidentify(ds, rules_of(tmp_path, ", missing: derive"))
    assert new.StudyDate not in ("", "20190315", "20190308")


def test_other_days_give_other_rules(tmp_path: Path) -> None:
    first = rules_of(tmp_path)
    assert first.hash != rules_of(tmp_path, body="options: [retain_long_modified_dates]\n").hash


@pytest.mark.parametrize("table", [", missing: remove", ", match: AccessionNumber"])
def test_tables_that_notes_cannot_follow_are_refused(tmp_path: Path, table: str) -> None:
    with pytest.raises(RulesError, match="lookup table"):
        rules_of(tmp_path, table)
