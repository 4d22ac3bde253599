"""Pieces of text that are a person's name on their own, and initials of the operator."""

from __future__ import annotations

import re
from typing import NamedTuple

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import (
    device_terms,
    is_allowed,
    is_screen_term,
    is_technical_term,
    tokenize_row,
)
from safelight.pixels.thresholds import (
    FULL_NAME_FINDING_CONFIDENCE,
    FULL_NAME_MAX_WORDS,
    KNOWN_NAME_MAX_WORDS,
    SHORT_NAME_FINDING_CONFIDENCE,
)
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    imaging_words,
    is_known_name,
    may_be_name,
    surnames_that_are_words,
)

#: The side marker of a radiograph with letters next to it.
_SIDE_AND_LETTERS = re.compile(
    r"(?:[LR]|LT|RT|LEFT|RIGHT)\s+([A-Z]{2,3})|([A-Z]{2,3})\s+(?:[LR]|LEFT|RIGHT)"
)
_WORD_OF_NAME = re.compile(r"[^\W\d_][\w'.-]*")


def find_initials(piece: str) -> Span | None:
    """Return the operator's initials: two or three letters next to a side marker, not a term."""
    match = _SIDE_AND_LETTERS.fullmatch(piece.strip())
    if match is None:
        return None
    letters = match[1] or match[2]
    if is_technical_term(letters):
        return None
    begin = piece.index(letters, 1 if match[1] else 0)
    end = begin + len(letters)
    return Span(begin, end, "NAME", "form", SHORT_NAME_FINDING_CONFIDENCE, "INITIALS")


def find_person(piece: str) -> Span | None:
    """Return the span of a whole short piece if it is a name.

    That is a single frequent surname that is not an everyday word, or two to four words with a
    given name. Words that are in a vocabulary too count if they are also known as names; then all
    words must be such.
    """
    words = [word for _, _, word in tokenize_row(piece)]
    confidence = _PERSON_RULES(_Words(words, [fold_text(word) for word in words]))
    return Span(0, len(piece), "NAME", "form", confidence, "PERSON") if confidence else None


class _Words(NamedTuple):
    """The words of a piece, as they are written and folded."""

    shown: list[str]
    folded: list[str]


def _is_lone_surname(words: _Words) -> bool:
    """Return whether the only word is a surname rather than a term of a screen."""
    if len(words.folded) != 1:
        return False
    (word,) = words.folded
    is_ordinary = word in everyday_words() or word in device_terms()
    return len(word) > 2 and word in surnames_that_are_words() and not is_ordinary


def _is_other_text(words: _Words) -> bool:
    """Return whether the number of words or their characters exclude a full name."""
    if not 2 <= len(words.shown) <= FULL_NAME_MAX_WORDS:
        return True
    return not all(map(_WORD_OF_NAME.fullmatch, words.shown))


def _has_hyphenated_name(words: _Words) -> bool:
    """Return whether a name has two short parts with a hyphen (Min-ho) next to a known name."""
    return any(map(_is_two_syllables, words.folded)) and any(map(is_known_name, words.folded))


def _has_given_name(words: _Words) -> bool:
    """Return whether a word of three letters or more is a given name."""
    return any(len(word) > 2 and word in given_names() for word in words.folded)


def _is_all_names(words: _Words) -> bool:
    """Return whether all words may be names, one is a given name, and not all are terms.

    Terms of one vocabulary are a title; a mixture of both may be a name ("Max Head").
    """
    if len(words.folded) > KNOWN_NAME_MAX_WORDS or not _has_given_name(words):
        return False
    if not all(len(word) == 1 or may_be_name(word) for word in words.folded):
        return False
    if all(word in device_terms() for word in words.folded):
        return False
    return not all(word in imaging_words() for word in words.folded)


def _is_given_name_with_unknown_word(words: _Words) -> bool:
    """Return whether a given name has a word next to it that no vocabulary knows."""
    return _has_given_name(words) and not all(map(is_allowed, words.shown))


_PERSON_RULES = RuleList[[_Words], float](
    "pixels.find_person",
    rule_if("lone_surname", _is_lone_surname, SHORT_NAME_FINDING_CONFIDENCE),
    rule_if("other_text", _is_other_text, 0.0),
    rule_if("hyphenated_name", _has_hyphenated_name, FULL_NAME_FINDING_CONFIDENCE),
    rule_if("all_names", _is_all_names, FULL_NAME_FINDING_CONFIDENCE),
    rule_if(
        "given_name_with_unknown_word",
        _is_given_name_with_unknown_word,
        FULL_NAME_FINDING_CONFIDENCE,
    ),
    default=0.0,
)


def _is_two_syllables(word: str) -> bool:
    """Return whether a folded word is two short parts with a hyphen, none of them a term."""
    parts = word.split("-")
    if len(parts) != 2 or not all(2 <= len(part) <= 5 and part.isalpha() for part in parts):
        return False
    return not any(map(is_screen_term, parts))
