"""Shorthand, keys and codes of capitals that a guess of the model is no name for.

What stands around tells: a slash, a number, words in small letters beside capitals.
"""

from __future__ import annotations

import re
from functools import cache

from safelight.text.known.name_support import is_name_rather_than_term
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import dictionary, given_names, imaging_words, is_borne, is_word
from safelight.text.recognizers.allow_lists import (
    abbreviations,
    begins_one_of,
    is_drug_cut_short,
    joined,
    phrases,
    state_codes,
    words_of,
)
from safelight.text.recognizers.full_names import people

#: How far around a guess its text is looked at.
NEAR = 120
#: Words of a key that stand before its mark: ``PAT:``, ``Hosp ID``.
_KEY = re.compile(r"(?:pat|hosp|ref|user|tech|op|pt|name|perf)\.?", re.I)
_KEY_AFTER = re.compile(r"\.?\s{0,2}[:=#]| (?:ID|Name|Nr|No)\b")
#: A key in capitals before its number: ``NHC 440982``, ``SN RNB448120H``.
_LABEL = re.compile(r"[A-Z]{2,4}")
_NUMBER_AFTER = re.compile(r" #? ?(?:[A-Z]{1,4})?\d{4,}")
#: HL7 message types: ``ORU^R01``.
EVENT = re.compile(r"[A-Z]{3}\^[A-Z]\d{2}")
_ACRONYM = re.compile(r"[A-Z]{4,6}")
SMALL = re.compile(r"(?<![^\W_])[a-z]{2,}(?![^\W_])")


def is_term(word: str) -> bool:
    """Whether a folded word is a term of imaging that hardly anybody is called."""
    return word in imaging_words() and not (is_name_rather_than_term(word) or word in given_names())


@cache
def _sorted_words() -> tuple[str, ...]:
    return tuple(sorted(dictionary()))


def _is_word_cut_short(part: str) -> bool:
    """Whether six letters and more begin a word of the language: ``schisto``."""
    return len(part) > 5 and begins_one_of(_sorted_words(), part)


def _is_short(part: str, cut: bool) -> bool:
    """A listed abbreviation as it is written, or a drug or word cut short: ``doxycyc``."""
    if part in abbreviations():
        return True
    called = part in people()[0] or part in people()[1] or is_word(part)
    if not cut or called or not part.islower():
        return False
    return is_drug_cut_short(part) or _is_word_cut_short(part)


def is_abbreviation(text: str, begin: int, end: int, cut: bool = True) -> bool:
    """Shorthand as it is written, with words beside it, where a text is not all in capitals.

    Words that are ``cut`` short count as well, if wanted: ``iceland`` begins a word too.
    """
    value = text[begin:end].rstrip(".")
    parts = [part for part in re.split(r",? ?\+ ?|, ?|/| ", value) if part]
    short = [_is_short(part, cut) for part in parts]
    if not any(short) or not all(
        one or joined(part) in phrases() or (part.islower() and is_word(part))
        for part, one in zip(parts, short)
    ):
        return False
    return value.islower() or any(map(str.islower, text[max(0, begin - NEAR) : end + NEAR]))


def is_slashed(text: str, begin: int, end: int) -> bool:
    """A short part of ``ABD/PEL`` or ``c/w/d``: of shorthand joined by slashes."""
    value = text[begin:end]
    before = text[max(0, begin - 1) : begin] == "/"
    if len(value) < 4 and before and text[end : end + 1] == "/":
        return True
    if len(value) > 3 or not value[0].isupper():
        return False
    other = words_of(text[max(0, begin - 12) : begin])[-1:] if before else []
    if text[end : end + 1] == "/":
        other = words_of(text[end : end + 12])[:1]
    return bool(other) and (is_term(other[0]) or other[0].upper() in abbreviations())


def is_letter(text: str, value: str, end: int) -> bool:
    """A lone letter that is no initial: of ``w/``, ``pt's``, ``R`` and ``L``."""
    return len(value) == 1 and (text[end : end + 1] != "." or value.islower())


def is_key(text: str, begin: int, end: int) -> bool:
    value = text[begin:end]
    if _LABEL.fullmatch(value) and _NUMBER_AFTER.match(text, end) and value not in state_codes():
        return True
    return bool(_KEY.fullmatch(value) and _KEY_AFTER.match(text, end))


def is_acronym(text: str, begin: int, end: int) -> bool:
    """Four to six capitals among words in small letters, which no list of names has."""
    value = text[begin:end]
    if (
        not _ACRONYM.fullmatch(value)
        or len(SMALL.findall(text[max(0, begin - NEAR) : end + NEAR])) < 3
    ):
        return False
    word = fold_text(value)
    given, surnames = people()
    return word not in given and word not in surnames and not is_borne(word)
