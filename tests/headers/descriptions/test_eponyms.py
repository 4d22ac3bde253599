"""Tests of eponyms in descriptions of any case."""

from __future__ import annotations

import pytest

from safelight.headers.descriptions.eponyms import is_eponym_in_any_case
from safelight.records import Span


def guess(value: str, text: str, entity: str = "NAME", engine: str = "ner") -> Span:
    """Return a guess of the model."""
    begin = value.index(text)
    return Span(begin, begin + len(text), entity, engine, 0.95)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("BARRETT'S ESOPHAGUS WITHOUT DYSPLASIA", "BARRETT"),  # capitals
        ("Fiedler's myocarditis", "Fiedler"),  # a disease after the genitive
        ("Heffner_tumor", "Heffner"),  # an underscore
        ("morgagni hernia", "morgagni"),  # small letters
        ("rockwood v ac joint", "rockwood"),  # a grade in small letters
        ("Acatalasia [Takahara]", "Takahara"),  # in brackets
        ("Chassard-Lapine", "Lapine"),  # a part of a name with a hyphen
        ("BPD, Hadlock 1984", "Hadlock"),  # a table of fetal biometry
        ("s/p Whipple", "Whipple"),  # after shorthand of a diagnosis
        ("malattia di paget", "paget"),
        ("AC_by_GA,_Hadlock_1984", "GA"),
        ("Hashimoto's", "Hashimoto"),  # a genitive alone
        ("meckel diverticulum", "meckel diverticulum"),  # with its noun
        ("Morbo di Crohn", "Morbo di Crohn"),  # another language
        ("DOENÇA DE CHAGAS", "DOENÇA DE"),
    ],
)
def test_eponyms_of_descriptions_are_recognized(value: str, text: str) -> None:
    assert is_eponym_in_any_case(value, guess(value, text))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("JACKSON PANCREATITIS", "JACKSON"),
        ("Johnson's chest", "Johnson"),
        ("for Barrett esophagus", "Barrett"),
        ("Dr. Morgagni hernia", "Morgagni"),
        ("knee [Smith]", "Smith"),
        ("s/p Walter", "Walter"),
        ("CT CHEST Walker 1984", "Walker"),
        ("Kowalski_chest", "Kowalski"),
        ("Wilson's", "Wilson"),
        ("Morbo di Crohn Rossi", "Morbo di Crohn Rossi"),
        ("jackson knee", "jackson knee"),
        ("Hanlon^Rosalind Swan-Ganz", "Hanlon^Rosalind Swan-Ganz"),
        ("Francois^Margaret Humerus, Jeanty 1984", "Francois^Margaret Humerus, Jeanty"),
    ],
)
def test_names_of_people_are_not_eponyms(value: str, text: str) -> None:
    assert not is_eponym_in_any_case(value, guess(value, text))


def test_exact_findings_are_not_judged() -> None:
    value = "BARRETT'S ESOPHAGUS"
    assert not is_eponym_in_any_case(value, guess(value, "BARRETT", engine="known"))
