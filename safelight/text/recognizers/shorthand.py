"""Shorthand, keys and codes of capitals that a guess of the model is no name for.

What stands around tells: a slash, a number, words in small letters beside capitals.
"""

from __future__ import annotations

import re

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    abbreviations,
    is_prefix_of_any,
    is_truncated_drug,
    known_phrases,
    normalize_phrase,
    tokenize,
)
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import (
    is_imaging_term,
    is_known_name,
    is_word,
    sorted_dictionary,
    unambiguous_given_names,
    unambiguous_surnames,
)

#: How far around a guess its text is looked at.
CONTEXT_CHARACTERS = 120
#: Words of a key that stand before its mark: ``PAT:``, ``Hosp ID``.
_KEY = re.compile(r"(?:pat|hosp|ref|user|tech|op|pt|name|perf)\.?", re.I)
_KEY_AFTER = re.compile(r"\.?\s{0,2}[:=#]| (?:ID|Name|Nr|No)\b")
#: A key in capitals before its number: ``NHC 440982``, ``SN RNB448120H``.
_LABEL = re.compile(r"[A-Z]{2,4}")
_NUMBER_AFTER = re.compile(r" #? ?(?:[A-Z]{1,4})?\d{4,}")
#: HL7 message types: ``ORU^R01``.
HL7_EVENT = re.compile(r"[A-Z]{3}\^[A-Z]\d{2}")
_ACRONYM = re.compile(r"[A-Z]{4,6}")
LOWERCASE_WORD = re.compile(r"(?<![^\W_])[a-z]{2,}(?![^\W_])")


def _is_word_cut_short(part: str) -> bool:
    """Whether six letters and more begin a word of the language: ``schisto``."""
    return len(part) > 5 and is_prefix_of_any(sorted_dictionary(), part)


def _is_short(part: str, cut: bool) -> bool:
    """A listed abbreviation as it is written, or a drug or word cut short: ``doxycyc``."""
    if part in abbreviations():
        return True
    called = part in unambiguous_given_names() or part in unambiguous_surnames() or is_word(part)
    if not cut or called or not part.islower():
        return False
    return is_truncated_drug(part) or _is_word_cut_short(part)


def is_abbreviation(text: str, begin: int, end: int, cut: bool = True) -> bool:
    """Shorthand as it is written, with words beside it, where a text is not all in capitals.

    Words that are ``cut`` short count as well, if wanted: ``iceland`` begins a word too.
    """
    value = text[begin:end].rstrip(".")
    parts = [part for part in re.split(r",? ?\+ ?|, ?|/| ", value) if part]
    short = [_is_short(part, cut) for part in parts]
    if not any(short) or not all(
        one or normalize_phrase(part) in known_phrases() or (part.islower() and is_word(part))
        for part, one in zip(parts, short)
    ):
        return False
    return value.islower() or any(map(str.islower, context_of(text, begin, end)))


def context_of(text: str, begin: int, end: int) -> str:
    """Return a value with the characters around it that are read with it."""
    return text[max(0, begin - CONTEXT_CHARACTERS) : end + CONTEXT_CHARACTERS]


def is_slashed(text: str, begin: int, end: int) -> bool:
    """A short part of ``ABD/PEL`` or ``c/w/d``: of shorthand joined by slashes."""
    value = text[begin:end]
    before = text[max(0, begin - 1) : begin] == "/"
    if len(value) < 4 and before and text[end : end + 1] == "/":
        return True
    if len(value) > 3 or not value[0].isupper():
        return False
    other = tokenize(text[max(0, begin - 12) : begin])[-1:] if before else []
    if text[end : end + 1] == "/":
        other = tokenize(text[end : end + 12])[:1]
    return bool(other) and (is_imaging_term(other[0]) or other[0].upper() in abbreviations())


def is_abbreviating_letter(text: str, value: str, end: int) -> bool:
    """A lone letter that is no initial: of ``w/``, ``pt's``, ``R`` and ``L``."""
    return len(value) == 1 and (text[end : end + 1] != "." or value.islower())


def is_field_label(text: str, begin: int, end: int) -> bool:
    value = text[begin:end]
    if (
        _LABEL.fullmatch(value)
        and _NUMBER_AFTER.match(text, end)
        and value not in word_set("us_states.code")
    ):
        return True
    return bool(_KEY.fullmatch(value) and _KEY_AFTER.match(text, end))


def is_acronym(text: str, begin: int, end: int) -> bool:
    """Four to six capitals among words in small letters, which no list of names has."""
    value = text[begin:end]
    if (
        not _ACRONYM.fullmatch(value)
        or len(LOWERCASE_WORD.findall(context_of(text, begin, end))) < 3
    ):
        return False
    word = fold_text(value)
    named = word in unambiguous_given_names() or word in unambiguous_surnames()
    return not named and not is_known_name(word)
