"""Halves of a known name at the end and at the beginning of short values."""

from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownPHI, KnownValue

KNOWN = KnownPHI([KnownValue("NAME", "Hargreave^Tomas"), KnownValue("NAME", "Copeland^Ann")])


def find_texts(text: str, *, is_note: bool = False) -> list[str]:
    return [text[span.begin : span.end] for span in KNOWN.find(text, is_note=is_note)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("axial T2 TSE Harg", ["Harg"]),
        ("reave knee left", ["reave"]),
        ("CHEST_HARGR", ["HARGR"]),
        ("CHEST HARG PA", []),
        ("chest routine Cope", []),
        ("land use", []),
        ("", []),
    ],
)
def test_half_of_a_name_that_is_not_a_word_is_found(text: str, found: list[str]) -> None:
    assert find_texts(text) == found


def test_long_text_and_note_have_no_halves() -> None:
    assert find_texts("reave " + "x " * 40) == []
    assert find_texts("axial T2 TSE Harg", is_note=True) == []
