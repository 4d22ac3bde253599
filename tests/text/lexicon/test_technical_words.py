"""Tests of technical words of descriptions."""

from __future__ import annotations

import pytest

from safelight.text.lexicon.technical_words import (
    is_cut,
    is_misspelt,
    is_technical_word,
    scanner_terms,
)
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
        "superscan",  # a prefix
        "decending",  # an error of typing
        "usabdlcon",  # letters of no name before a term
        "dipg",  # an abbreviation with letters of no name
        "labrum",  # Latin
        "schenkelhalsfraktur",  # German
        "heupgewricht",  # Dutch
    ],
)
def test_joined_truncated_and_foreign_terms_are_technical(word: str) -> None:
    assert is_technical_word(word)


@pytest.mark.parametrize(
    "word",
    ["smith", "enrique", "wojcik", "okonkwo", "banks", "curraine", "nguyen", "endo", "thorne"]
    + ["mthethwa", "prendergast", "transki", "intrakoon"],
)
def test_names_are_not_technical(word: str) -> None:
    assert not is_technical_word(word)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("abdomeen", True),  # an additional letter
        ("abdomne", True),  # swapped
        ("abdoman", True),  # wrong
        ("abdmen", True),  # missing
        ("zbdomen", False),  # the first letter
        ("abdmoan", False),  # two errors
        ("abdomen", True),
        ("head", False),
    ],
)
def test_a_word_with_one_error_is_the_term(word: str, expected: bool) -> None:
    assert is_misspelt(word) is expected


@pytest.mark.parametrize(("word", "expected"), [("routi", True), ("rout", True), ("rou", False)])
def test_the_begin_of_a_term_is_cut(word: str, expected: bool) -> None:
    assert is_cut(word) is expected


@pytest.mark.parametrize("word", ["αικατερινη", "наталья", "كريم", "שרה"])
def test_a_word_of_another_script_does_not_lack_vowels(word: str) -> None:
    assert not is_technical_word(word)


def test_latin_letters_without_a_vowel_are_technical() -> None:
    assert is_technical_word("fspgr")


def test_a_listed_name_is_not_cut() -> None:
    assert not is_cut("cora")


def test_terms_of_scanners_include_few_frequent_names() -> None:
    names = {word for word in scanner_terms() if is_frequent_name(word)}
    assert names == {"art", "carina", "concha", "crista", "del", "thi", "thor", "vi"}
