"""Test the rules of columns by their names."""

from __future__ import annotations

import pytest

from safelight.notes.field_actions import FieldOp, parse_rule
from safelight.notes.tables.columns import column_words, load_column_rules


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("patient_id", "patient id"), ("patientID", "patient id"), ("PATIENT ID", "patient id"),
        ("PatientMRNumber", "patient mr number"), ("HTMLReport", "html report"), ("", ""),
    ],
)  # fmt: skip
def test_names_are_split_into_words(name: str, words: str) -> None:
    assert column_words(name) == words


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("PatientID", "patient_id"), ("MRN", "patient_id"), ("first_name", "patient_name"),
        ("ReferringPhysicianName", "name"), ("attending", "name"), ("drug_name", "text"),
        ("test_name", "text"), ("mother_maiden_name", "remove"), ("next_of_kin", "remove"),
        ("DOB", "birth_date"), ("visit_date", "date"), ("dateOfService", "date"),
        ("charttime", "date"), ("home_phone", "remove"), ("emailAddress", "remove"),
        ("zip_code", "zip"), ("street_address_1", "remove"), ("city", "remove"),
        ("state", "word"), ("SSN", "remove"), ("accession_number", "token"),
        ("StudyInstanceUID", "uid"), ("encounter_id", "token"), ("hadm_id", "token"),
        ("account_number", "token"), ("hospital", "LOCATION/HOSPITAL"), ("sex", "word"),
        ("race", "word"), ("report_text", "text"), ("photo_url", "remove"),
        ("occupation", "PROFESSION"),
        ("series_number", ""), ("wbc_count", ""), ("findings", "text"), ("age", "age"),
        ("insurance_member_id", "token"), ("provider_npi", ""), ("npi", "token"),
        ("patient_ssn_last4", "remove"), ("email", "remove"), ("ip_address", "remove"),
        ("filename", "remove"), ("author", "name"), ("note_id", "note_id"),
        ("encounter_no", "token"), ("policy_no", "token"), ("Geburtsdatum", "birth_date"),
        ("Nachname", "patient_name"), ("prénom", "patient_name"), ("Telefon", "remove"),
        ("reference_range", "word"), ("icd10", "keep"),
        ("Age (y)", "age"), ("DOB [mm/dd/yyyy]", "birth_date"), ("age_at_onset", "age"),
        ("stage", ""), ("(none)", ""), ("Pt. Name", "patient_name"),
    ],
)  # fmt: skip
def test_a_column_has_the_rule_of_its_name(name: str, rule: str) -> None:
    found = load_column_rules().rule(name)
    assert (found.name if found else "") == rule


def test_the_first_listed_column_is_the_patient_id() -> None:
    table = load_column_rules()
    assert table.first(FieldOp.PATIENT_ID, ["mrn", "Patient_ID", "x"]) == "Patient_ID"
    assert table.first(FieldOp.PATIENT_ID, ["x", "MRN"]) == "MRN"
    assert table.first(FieldOp.PATIENT_ID, ["x"]) is None


def test_every_rule_of_the_file_is_parsed_from_its_name() -> None:
    for entry in load_column_rules().entries:
        assert parse_rule(entry.rule.name).op is entry.rule.op
