"""Recognize eponyms among the terms of a short description."""

from __future__ import annotations

from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.phrases import (
    abbreviations,
    disease_eponyms,
    known_phrases,
    normalize_phrase,
    sign_eponyms,
    tokenize,
)
from safelight.text.lexicon.words import everyday_words, imaging_words, is_never_a_name


def is_eponym_in_description(text: str, begin: int, end: int) -> bool:
    """Return whether a value is an eponym among imaging terms only: ``SINUS WATERS``.

    The list of phrases must have the value alone; that list leaves out frequent surnames.

    Parameters
    ----------
    text : str
        Whole value of a description; longer texts are never one.
    begin, end : int
        Range of the surname.
    """
    value = normalize_phrase(text[begin:end])
    if len(text) > DESCRIPTION_MAX_CHARACTERS:
        return False
    if value not in sign_eponyms() and value not in disease_eponyms():
        return False
    others = tokenize(text[:begin] + " " + text[end:])
    return bool(others) and all(map(is_description_term, others))


def is_description_term(word: str) -> bool:
    """Return whether a folded word is a term, a phrase, an abbreviation or an everyday word."""
    return (
        word in imaging_words()
        or word in known_phrases()
        or word.upper() in abbreviations()
        or (word in everyday_words() and is_never_a_name(word))
    )
