from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers.postcodes import find_postcodes


def places(text: str, *values: str) -> list[Span]:
    """Return the spans of places in a text."""
    return [
        Span(text.index(value), text.index(value) + len(value), "LOCATION", "ner", 0.9)
        for value in values
    ]


@pytest.mark.parametrize(
    ("text", "street", "town", "code"),
    [
        ("wohnhaft Goethestraße 21, 97421 Göttingen", "Goethestraße 21", "Göttingen", "97421"),
        ("12 rue des Lilas\n16000 Angoulême", "12 rue des Lilas", "Angoulême", "16000"),
        ("Rua do Moinho 7, 4760-110 Ribeirão", "Rua do Moinho 7", "Ribeirão", "4760-110"),
        ("Ringweg 3, A-1010 Wien", "Ringweg 3", "Wien", "A-1010"),
    ],
)
def test_a_postcode_between_street_and_town_is_found(
    text: str, street: str, town: str, code: str
) -> None:
    [found] = find_postcodes(text, places(text, street, town))
    assert (text[found.begin : found.end], found.subtype) == (code, "ZIP")


@pytest.mark.parametrize(
    "text", ["Goethestraße 21 has 97421 Göttingen", "97421 Göttingen", "Goethestraße 21, Göttingen"]
)
def test_other_numbers_are_no_postcodes(text: str) -> None:
    values = [one for one in ("Goethestraße 21", "Göttingen") if one in text]
    assert not list(find_postcodes(text, places(text, *values)))


def test_a_town_after_a_street_and_a_postcode_is_found() -> None:
    text = "Tél. 01 55 93 94 59, 123 chemin du Moulin, 16000 Angoulême."
    begin = text.index("123")
    street = Span(begin, begin + len("123 chemin du Moulin"), "LOCATION", "regex", 1.0, "STREET")
    found = [(text[one.begin : one.end], one.subtype) for one in find_postcodes(text, [street])]
    assert found == [("16000", "ZIP"), ("Angoulême", "CITY")]
