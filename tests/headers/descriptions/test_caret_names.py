from __future__ import annotations

import pytest

from safelight.headers.descriptions.caret_names import trim_caret_name
from safelight.records import Span


@pytest.mark.parametrize(
    ("value", "left"),
    [("Head^Routine", None), ("Knee^SMITH", "SMITH"), ("OCKHAM^JOHN", "OCKHAM^JOHN")],
)
def test_terms_are_trimmed_from_name_with_carets(value: str, left: str | None) -> None:
    span = trim_caret_name(value, Span(0, len(value), "NAME", "regex"))
    assert (value[span.begin : span.end] if span else None) == left


def test_a_joined_term_is_not_a_name_with_carets_but_a_listed_name_is() -> None:
    for value, left in (("THORAX^ROUTINECHEST", None), ("Fletcher^Kim", "Fletcher^Kim")):
        span = trim_caret_name(value, Span(0, len(value), "NAME", "regex"))
        assert (span and value[span.begin : span.end]) == left


@pytest.mark.parametrize(
    ("value", "finding", "left"),
    [
        ("HENDRICKS^PHILIPPA Hodgkin staging", "HENDRICKS^PHILIPPA Hodgkin", "HENDRICKS^PHILIPPA"),
        ("DOE^JANE CHEST", "DOE^JANE CHEST", "DOE^JANE"),
        ("DOE^JANE MARIE chest", "DOE^JANE MARIE", "DOE^JANE MARIE"),
        ("DOE^JANE Baker chest", "DOE^JANE Baker", "DOE^JANE Baker"),
    ],
)
def test_the_description_after_a_name_with_carets_is_trimmed(
    value: str, finding: str, left: str
) -> None:
    span = trim_caret_name(value, Span(0, len(finding), "NAME", "ner"))
    assert span is not None and value[span.begin : span.end] == left


@pytest.mark.parametrize(
    ("value", "guess"),
    [("STONE^LETICIA L CC", "STONE^LETICIA L"), ("STONE^LETICIA H&N", "STONE^LETICIA H")],
)
def test_letter_of_an_abbreviation_is_not_part_of_a_caret_name(value: str, guess: str) -> None:
    trimmed = trim_caret_name(value, Span(0, len(guess), "NAME", "ner", 0.9))
    assert trimmed is not None and value[: trimmed.end] == "STONE^LETICIA"
