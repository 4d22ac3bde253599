"""Patients, clinicians and relatives are told apart by what stands beside their names."""

from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers.name_roles import assign_roles


def role(text: str, name: str) -> str:
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
def test_what_stands_beside_a_name_tells_whose_it_is(text: str, name: str, expected: str) -> None:
    assert role(text, name) == expected


def test_one_mention_tells_for_all_of_the_surname() -> None:
    text = "Dr. Ada Kowalczyk operated. Kowalczyk will follow."
    spans = [Span(4, 17, "NAME", "ner"), Span(28, 37, "NAME", "ner")]
    assert [span.subtype for span in assign_roles(text, spans)] == ["CLINICIAN", "CLINICIAN"]


def test_a_surname_of_two_roles_tells_nothing() -> None:
    text = "Dr. Kowalczyk saw Mrs. Kowalczyk. Kowalczyk left."
    places = [(4, 13), (23, 32), (34, 43)]
    spans = assign_roles(text, [Span(b, e, "NAME", "ner") for b, e in places])
    assert [span.subtype for span in spans] == ["CLINICIAN", "PATIENT", ""]


def test_other_entities_and_given_labels_stay() -> None:
    text = "Dr. 12/01/2020 Kowalczyk"
    spans = [Span(4, 14, "DATE", "regex"), Span(15, 24, "NAME", "key", 1.0, "RELATIVE")]
    assert assign_roles(text, spans) == spans
