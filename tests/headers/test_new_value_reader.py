"""Test that composed values are read from the new object."""

from __future__ import annotations

from safelight.rules import parse_rules
from tests.headers.objects import deidentify, make_object

RULES = """
name: composed
version: '1'
extends: research
elements:
  - {tag: StudyDescription, action: text, value: 'ID {PatientID}'}
"""


def test_a_composed_value_reads_the_new_value_of_another_element() -> None:
    new, result = deidentify(make_object(StudyDescription="Knee"), parse_rules(RULES, "r"))
    assert new.StudyDescription == f"ID {result.patient_pseudonym}"
