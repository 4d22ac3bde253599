from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers.countries import mark_countries
from safelight.text.span_merging import select_identifying


def identifying(text: str, *values: str) -> list[str]:
    """Return the places of a text that identify."""
    spans = [
        Span(text.index(value), text.index(value) + len(value), "LOCATION", "ner")
        for value in values
    ]
    marked = select_identifying(mark_countries(text, spans))
    return [text[span.begin : span.end] for span in marked]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("He moved from Kenya in 2004.", "Kenya"),
        ("born in the Netherlands", "the Netherlands"),
        ("SHE IMMIGRATED FROM SRI LANKA", "SRI LANKA"),
        ("visits family in Côte d’Ivoire", "Côte d’Ivoire"),
    ],
)
def test_country_alone_does_not_identify(text: str, value: str) -> None:
    assert identifying(text, value) == []


def test_country_next_to_a_place_is_a_part_of_an_address() -> None:
    text = "12 Rua das Flores, Lisbon, Portugal"
    assert identifying(text, "Lisbon", "Portugal") == ["Lisbon", "Portugal"]


def test_two_countries_are_not_an_address() -> None:
    assert identifying("Travel: Kenya, Uganda", "Kenya", "Uganda") == []


def test_very_small_country_identifies() -> None:
    assert identifying("born in Tuvalu", "Tuvalu") == ["Tuvalu"]


def test_town_identifies() -> None:
    assert identifying("flew in from Mombasa", "Mombasa") == ["Mombasa"]
