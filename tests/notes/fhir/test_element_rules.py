"""Test the rules of FHIR elements by path."""

from __future__ import annotations

import pytest

from safelight.notes.fhir.element_rules import load_fhir_rules


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("Patient.name.family", "patient_name"),
        ("Patient.contact.name.family", "name"),
        ("Observation.subject.reference", "reference"),
        ("Patient.birthDate", "birth_date"),
        ("Observation.valueString", ""),
    ],
)
def test_the_longest_path_that_matches_decides(path: str, rule: str) -> None:
    found = load_fhir_rules().paths.rule(path)
    assert (found.name if found else "") == rule
