"""Test the options of a notes run."""

from __future__ import annotations

from safelight.headers.patient_identity import make_patient_identity
from safelight.notes.options import NotesOptions


def test_the_identity_is_that_of_images() -> None:
    assert NotesOptions().identity("p1", "hosp") == make_patient_identity("p1", "hosp")


def test_the_issuer_of_the_options_is_used_if_the_record_has_none() -> None:
    assert NotesOptions(issuer="hosp").identity("p1") == make_patient_identity("p1", "hosp")


def test_the_issuer_is_ignored_if_the_rules_say_so() -> None:
    options = NotesOptions(issuer="hosp", issuer_in_identity=False)
    assert options.identity("p1", "other") == make_patient_identity("p1")


def test_the_text_form_changes_on_purpose_only() -> None:
    """The job stores a hash of it with each finished file."""
    assert repr(NotesOptions()) == (
        "NotesOptions(text_columns=(), patient_column='', note_column='', columns=(), issuer='', "
        "issuer_in_identity=True, patient_from='none', delimiter='', encoding='auto', "
        "csv_formulas='quote')"
    )
