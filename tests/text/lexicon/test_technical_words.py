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


def test_terms_of_scanners_include_few_frequent_names() -> None:
    names = {word for word in scanner_terms() if is_frequent_name(word)}
    assert names == {"art", "carina", "concha", "crista", "del", "thi", "thor", "vi"}
