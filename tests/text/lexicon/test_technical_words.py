"""Tests of technical words of descriptions."""

from __future__ import annotations

import pytest

from safelight.text.lexicon.technical_words import is_technical_word, scanner_terms
from safelight.text.lexicon.words import is_frequent_name


@pytest.mark.parametrize(
    "word",
    [
        "abdomencap",  # joined terms
        "skullmidthigh",
        "fsfiesta",
        "enhan",  # truncated
        "maxilry",  # shortened by its vowels
        "brachytelomesophalangy",  # the ending of a malformation
        "topogram",  # a term of scanners
        "brzuch",  # Polish
    ],
)
def test_joined_truncated_and_foreign_terms_are_technical(word: str) -> None:
    assert is_technical_word(word)


@pytest.mark.parametrize(
    "word",
    ["smith", "enrique", "wojcik", "okonkwo", "banks", "curraine", "nguyen", "endo", "thorne"],
)
def test_names_are_not_technical(word: str) -> None:
    assert not is_technical_word(word)


def test_no_frequent_name_is_a_term_of_scanners_except_the_short_form_of_thorax() -> None:
    assert [word for word in scanner_terms() if is_frequent_name(word)] == ["thor"]
