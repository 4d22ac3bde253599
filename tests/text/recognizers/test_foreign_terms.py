"""Terms of five languages are told from names."""

from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers.foreign_terms import (
    is_foreign_eponym,
    is_foreign_vocabulary,
    is_rejected_foreign_guess,
)


def test_vocabulary_may_have_particles() -> None:
    assert is_foreign_vocabulary("Glycémie à jeun") and is_foreign_vocabulary("Serviço de")
    assert not is_foreign_vocabulary("M. K.") and not is_foreign_vocabulary("Klinik Grimmelwick")


@pytest.mark.parametrize(
    ("text", "engine", "rejected"),
    [
        ("Anästhesie", "ner", True),
        ("ricoverato", "ner", True),
        ("Grimmelwick", "ner", False),
        ("Anästhesie", "regex", False),
    ],
)
def test_guesses_of_the_model_that_are_vocabulary_are_rejected(
    text: str, engine: str, rejected: bool
) -> None:
    span = Span(0, len(text), "NAME", engine, 0.9)
    assert is_rejected_foreign_guess(text, span) is rejected


@pytest.mark.parametrize(
    "value",
    ["Nierenarterienstenose", "Verwirrtheit", "Exploración", "Appendicectomie", "Conclusão", "je"],
)
def test_compounds_and_words_with_the_ending_of_a_term_are_vocabulary(value: str) -> None:
    assert is_foreign_vocabulary(value)


@pytest.mark.parametrize("name", ["Encarnación", "Conceição", "Jung", "Hartung", "Ansaldi"])
def test_names_with_the_ending_of_a_term_are_not_vocabulary(name: str) -> None:
    assert not is_foreign_vocabulary(name)


@pytest.mark.parametrize(
    ("before", "value", "expected"),
    [
        ("Sturz nach ", "Babinski", True),
        ("Stadium nach Hoehn e ", "Yahr", True),
        ("quiste de ", "Tarlov", True),
        ("Zyste ", "Bosniak II", True),
        ("Herr ", "Babinski", False),
        ("Patient: ", "Babinski", False),
        ("Wir danken ", "Babinski", False),
    ],
)
def test_an_eponym_has_a_context(before: str, value: str, expected: bool) -> None:
    span = Span(len(before), len(before) + len(value), "NAME", "regex", 1.0)
    assert is_foreign_eponym(f"{before}{value} links", span) is expected


@pytest.mark.parametrize(
    ("before", "value", "entity", "expected"),
    [
        ("ore ", "9.30", "DATE", True),
        ("am ", "14.10", "DATE", False),
        ("chambre ", "318", "ID", True),
        ("Fall ", "318", "ID", False),
        ("", "ruhig, Norton-Skala", "NAME", True),
        ("", "Prof.", "NAME", True),
        ("", "ruhig, Tewes", "NAME", False),
    ],
)
def test_times_rooms_titles_and_terms_of_the_model_are_rejected(
    before: str, value: str, entity: str, expected: bool
) -> None:
    span = Span(len(before), len(before) + len(value), entity, "ner", 0.9)
    assert is_rejected_foreign_guess(f"{before}{value} und weiter", span) is expected
