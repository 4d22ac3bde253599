"""Recognize guessed places that name a disease, a classification or a score."""

from __future__ import annotations

import re

from safelight.named_rules import RuleList, rule_if
from safelight.text.lexicon.phrases import eponyms, normalize_phrase, sign_eponyms
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.recognizers.eponyms.context import (
    NOUN_AFTER,
    SIGN_AFTER,
    is_after_body_part,
    is_subtype,
    precedes_score,
    widen_to_hyphenated,
)
from safelight.text.recognizers.eponyms.surnames import is_eponym

#: Text after a town that names a classification or a substance: ``India ink``.
_PLACE_NOUN_AFTER = re.compile(expand_lists(r"(?: [IV]+)? <list:eponym_nouns.place>\b"), re.I)
#: Classification written as letters: ``Montreal A2L3B2``.
_LETTERS_AFTER = re.compile(r" (?:[A-Z]\d[a-z]?){2,4}\b")
_DISEASE_AFTER_PLACE = re.compile(expand_lists(r" <list:eponym_nouns.place_disease>\b"), re.I)
_PREPOSITION_BEFORE = re.compile(r"\b(?:from|in|to|at|near) \Z", re.I)
#: Grade behind a town in brackets: ``(Ottawa neg)``, ``(Berlin severe)``.
_FINDING_AFTER = re.compile(expand_lists(r" (?:<list:eponym_nouns.finding>|\+)\b"), re.I)


def is_classification(text: str, begin: int, end: int) -> bool:
    """Return whether a place names a classification, a score or a disease.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the place: ``Ottawa`` in ``Ottawa ankle rules``, ``Berlin`` in ``(Berlin mild)``.
    """
    return _CLASSIFICATION_RULES(text, begin, end)


def _is_disease(text: str, begin: int, end: int) -> bool:
    """Return whether a disease follows a place that is not an address: ``West Nile virus``."""
    if not _DISEASE_AFTER_PLACE.match(text, end):
        return False
    return not _PREPOSITION_BEFORE.search(text[max(0, begin - 8) : begin])


def _is_graded_in_brackets(text: str, begin: int, end: int) -> bool:
    """Return whether brackets hold a place and a grade."""
    return text[max(0, begin - 1) : begin] == "(" and _FINDING_AFTER.match(text, end) is not None


def _is_hyphenated_disease(text: str, begin: int, end: int) -> bool:
    """Return whether a hyphen joins a place to the name of a disease: ``Cronkhite-Canada``."""
    first, last = widen_to_hyphenated(text, begin, end)
    if (first, last) == (begin, end):
        return False
    return bool(NOUN_AFTER.match(text, last) or _DISEASE_AFTER_PLACE.match(text, last))


_CLASSIFICATION_RULES = RuleList[[str, int, int], bool](
    "text.is_classification",
    rule_if("noun", lambda text, _, end: _PLACE_NOUN_AFTER.match(text, end), True),
    rule_if("letters", lambda text, _, end: _LETTERS_AFTER.match(text, end), True),
    rule_if("score", lambda text, _, end: precedes_score(text, end), True),
    rule_if("disease", _is_disease, True),
    rule_if("subtype", is_subtype, True),
    rule_if("hyphenated", _is_hyphenated_disease, True),
    rule_if("grade_in_brackets", _is_graded_in_brackets, True),
    default=False,
)


def is_eponym_with_number(text: str, begin: int, end: int) -> bool:
    """Return whether a guessed place is an eponym and its score: ``Hamilton 22``.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the place in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the place without digits and punctuation at its end is an eponym of a sign, and a
        number, a sign or a state of a sign follows the eponym.
    """
    name = re.sub(r"[\W\d_]+\Z", "", text[begin:end])
    if normalize_phrase(name) not in sign_eponyms():
        return False
    return SIGN_AFTER.match(text, begin + len(name)) is not None


def is_known_eponym(text: str, begin: int, end: int) -> bool:
    """Return whether the last word of a guessed place is an eponym that a list has.

    ``Rockwood clinical frailty scale`` is one.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the place in code points, ``end`` exclusive: of ``Rockwood`` in the example.

    Returns
    -------
    bool
        True if the list of eponyms has the word and :func:`is_eponym` is true for it. True also
        for any word after a part of the body and ``of``, as in ``circle of Willis``.
    """
    begin = max(begin, text.rfind(" ", begin, end) + 1)
    if is_after_body_part(text, begin):
        return True
    return normalize_phrase(text[begin:end]) in eponyms() and is_eponym(text, begin, end)
