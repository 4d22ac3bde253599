from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers import name_roles
from safelight.text.recognizers.name_roles import assign_roles
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text around KOWALCZYK, role.
EXAMPLES = {
    "relative_before": ("her husband Kowalczyk", "RELATIVE"),
    "clinician_before": ("Dr. Kowalczyk", "CLINICIAN"),
    "clinician_after": ("Kowalczyk, MD", "CLINICIAN"),
    "patient_after": ("Kowalczyk is a 54 year old", "PATIENT"),
    "relative_after": ("Kowalczyk, mother of the boy", "RELATIVE"),
    "patient_before": ("Mrs. Kowalczyk", "PATIENT"),
    "carets": ("Kowalczyk^Ada", "PATIENT"),
}


def role(text: str, name: str) -> str:
    """Return the role of one name in a text."""
    begin = text.index(name)
    [span] = assign_roles(text, [Span(begin, begin + len(name), "NAME", "ner")])
    return span.subtype


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Dr. Kowalczyk will see her", "Kowalczyk", "CLINICIAN"),
        ("Reviewed with Ada Kowalczyk, MD", "Ada Kowalczyk", "CLINICIAN"),
        ("READ BY KOWALCZYK 0315", "KOWALCZYK", "CLINICIAN"),
        ("discussed w/ Kowalczyk (renal)", "Kowalczyk", "CLINICIAN"),
        ("Tech: Kowalczyk", "Kowalczyk", "CLINICIAN"),
        ("Mrs. Kowalczyk has improved", "Kowalczyk", "PATIENT"),
        ("pt Kowalczyk in bed 4", "Kowalczyk", "PATIENT"),
        ("Ada Kowalczyk is a 54 year old", "Ada Kowalczyk", "PATIENT"),
        ("KOWALCZYK^ADA", "KOWALCZYK^ADA", "PATIENT"),
        ("Ada Kowalczyk (DOB 1/2/1950)", "Ada Kowalczyk", "PATIENT"),
        ("her husband, Piotr, called", "Piotr", "RELATIVE"),
        ("son (Piotr) agrees", "Piotr", "RELATIVE"),
        ("wife, Mrs. Kowalczyk, at bedside", "Kowalczyk", "RELATIVE"),
        ("Kowalczyk came", "Kowalczyk", ""),
        ("MRN   Proc   Surgeon\nKowalczyk, K  220144", "Kowalczyk", ""),
        ("Surgeon:\n  Kowalczyk", "Kowalczyk", "CLINICIAN"),
        ("Mrs. Kowalczyk, mother of the boy", "Kowalczyk", "RELATIVE"),
    ],
)
def test_text_around_a_name_decides_its_role(text: str, name: str, expected: str) -> None:
    assert role(text, name) == expected


def test_role_of_one_mention_applies_to_all_of_the_surname() -> None:
    text = "Dr. Ada Kowalczyk operated. Kowalczyk will follow."
    spans = [Span(4, 17, "NAME", "ner"), Span(28, 37, "NAME", "ner")]
    assert [span.subtype for span in assign_roles(text, spans)] == ["CLINICIAN", "CLINICIAN"]


def test_surname_with_two_roles_gives_no_evidence() -> None:
    text = "Dr. Kowalczyk saw Mrs. Kowalczyk. Kowalczyk left."
    places = [(4, 13), (23, 32), (34, 43)]
    spans = assign_roles(text, [Span(b, e, "NAME", "ner") for b, e in places])
    assert [span.subtype for span in spans] == ["CLINICIAN", "PATIENT", ""]


def test_other_entities_and_set_subtypes_stay() -> None:
    text = "Dr. 12/01/2020 Kowalczyk"
    spans = [Span(4, 14, "DATE", "regex"), Span(15, 24, "NAME", "key", 1.0, "RELATIVE")]
    assert assign_roles(text, spans) == spans


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_rule_decides_about_a_role(rule: str, example: tuple[str, str]) -> None:
    text, expected = example
    name = "Kowalczyk^Ada" if "^" in text else "Kowalczyk"
    assert deciding_rule(name_roles._ROLE_RULES, lambda: role(text, name)) == rule
    assert role(text, name) == expected


def test_every_rule_has_an_example() -> None:
    assert rule_names(name_roles._ROLE_RULES) == set(EXAMPLES)
