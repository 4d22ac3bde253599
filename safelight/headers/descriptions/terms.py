"""Recognize the words of descriptions that are terms of imaging and not names."""

from __future__ import annotations

import re
from functools import cache

from safelight.records import Span
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import abbreviations, eponyms, known_phrases, normalize_phrase
from safelight.text.lexicon.technical_words import foreign_description_words
from safelight.text.lexicon.word_lists import read_list, word_set
from safelight.text.lexicon.words import (
    imaging_words,
    inflected_surnames,
    is_frequent_name,
    is_known_name,
    is_never_a_name,
    is_word,
    surnames_that_are_words,
)

_WORD = re.compile(r"[^\W\d_]{2,}")
ANY_WORD = re.compile(r"[^\W\d_]+")
_WORD_AFTER = re.compile(r"(?:['’]s)?[ _-]([^\W\d_]+)")
_CAMEL_CASE_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
_SENTENCE_WORD = re.compile(
    r"\b(?:are|can|did|does|had|has|have|is|should|the|was|were|what|when|who|why|will)\b", re.I
)


def is_description(value: str) -> bool:
    """Return whether a text is as short as a description and has no word of a sentence."""
    if len(value) > DESCRIPTION_MAX_CHARACTERS or "\n" in value:
        return False
    return _SENTENCE_WORD.search(value) is None


def has_foreign_term(value: str) -> bool:
    """Return whether a value has a term of imaging in another language than English."""
    return not _foreign_terms().isdisjoint(_WORD.findall(fold_text(value)))


@cache
def _foreign_terms() -> frozenset[str]:
    words = " ".join(read_list("foreign_imaging_words.txt")).split()
    return foreign_description_words().union(words)


def is_eponym_before_term(value: str, begin: int, end: int) -> bool:
    """Return whether one word is an eponym that belongs to the term after it: ``Congo red``."""
    after = _WORD_AFTER.match(value, end)
    word = normalize_phrase(value[begin:end])
    if after is None or " " in word:
        return False
    if normalize_phrase(f"{word} {after[1]}") in known_phrases():
        return True
    return word in eponyms() and not is_frequent_name(word) and is_term_word(after[1])


def is_term_word(word: str) -> bool:
    """Return whether a word is a term, an abbreviation in capitals, or a word in lower case."""
    folded = fold_text(word)
    is_lowercase_word = word.islower() and is_word(folded) and not is_known_name(folded)
    return (
        is_term_only(folded)
        or is_lowercase_word
        or is_never_a_name(folded)
        or word in abbreviations()
    )


def is_term_only(word: str) -> bool:
    """Return whether a word is a term of imaging and not a frequent surname: not ``hill``."""
    return word in imaging_words() and word not in surnames_that_are_words()


def tokenize_span(value: str, span: Span) -> list[str]:
    """Return the folded words of a finding, without words of one letter.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in the value.

    Returns
    -------
    list of str
        Runs of two or more letters, in the order of the value.
    """
    return _WORD.findall(fold_text(value[span.begin : span.end]))


def camel_case_words(part: str) -> list[str]:
    """Return the folded words of a text; a capital letter inside a word starts a new word."""
    return [fold_text(word) for word in _CAMEL_CASE_WORD.findall(part)]


def is_term(part: str) -> bool:
    """Return whether all words of a text are terms or manufacturers, and none is a name."""
    return all(
        (is_word(word) or word in imaging_words() or word in word_set("device_makers.surname"))
        and not is_known_name(word)
        and word not in inflected_surnames()
        for word in camel_case_words(part)
    )
