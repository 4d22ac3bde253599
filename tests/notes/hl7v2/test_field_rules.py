"""Test the rules of HL7 v2 fields."""

from __future__ import annotations

import pytest

from safelight.notes.hl7v2.field_rules import component_rule, load_hl7_rules


@pytest.mark.parametrize(
    ("segment", "field", "value_type", "component", "rule"),
    [
        ("PID", 7, "", 1, "birth_date"),
        ("PID", 5, "", 1, "patient_name"),
        ("PID", 5, "", 9, "remove"),
        ("OBX", 5, "TX", 1, "text"),
        ("OBX", 5, "CE", 1, "keep"),
        ("OBX", 5, "unknown", 1, "remove"),
        ("ZXX", 1, "", 1, "remove"),
    ],
)
def test_a_component_has_the_rule_of_its_field(
    segment: str, field: int, value_type: str, component: int, rule: str
) -> None:
    rules = load_hl7_rules().rules(segment, field, value_type)
    assert component_rule(rules, component).name == rule
