"""Find names by lists: a given name next to a surname, or in a place that only people have.

A header value or a line of a table has no sentence around a name, and the model may miss
``Given Surname contrast``. NOTICE names the sources of both lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    eponyms,
    is_known_phrase,
    normalize_phrase,
    sign_eponyms,
    starts_with_vendor,
)
from safelight.text.lexicon.words import (
    given_names,
    surnames_that_are_words,
    unambiguous_given_names,
    unambiguous_surnames,
)
from safelight.text.recognizers.eponyms.context import precedes_noun_of_eponyms
from safelight.text.recognizers.eponyms.surnames import is_eponym

#: Confidence of a name that only lists know; a label is more certain.
LIST_CONFIDENCE = 0.9

#: Two words, with an initial between them if any, and a comma if the surname is first. The
#: look-ahead lets pairs overlap.
_PAIR = re.compile(
    r"(?<![^\W_])(?=([^\W\d_]{2,24}(?:[-'’][^\W\d_]{2,24})?)"
    r"(,? (?:[A-Z]\.? )?)([^\W\d_]{2,24}(?:[-'’][^\W\d_]{2,24})?)(?![^\W_]))"
)
#: Brackets that hold a name and nothing else: ``room 12 (Yoo, Minseo)``.
_IN_BRACKETS = re.compile(r"\((([A-Z][^\W\d_]{1,24}), [A-Z][^\W\d_]{1,24}(?: [A-Z]\.?)?)\)")
#: Given name after an abbreviation of a role, before a verb or the end of a clause.
_AFTER_ABBREVIATION = re.compile(
    r"(?<![\w-])[A-Z]{2,5} ([A-Z][a-zß-ÿ]{2,20})"
    r"(?=[.,;)]|\s*$|"
    r" (?:at|to|will|is|was|aware|informed|notified|called|here|till|until|on|w/)\b)",
    re.M,
)
#: Subject of a question about a person, which may be a word too: ``Is Will ready for discharge``.
_SUBJECT_OF_QUESTION = re.compile(
    r"\b(?:[Ii]s|[Ww]as|[Hh]as|[Dd]oes|[Dd]id|[Cc]an|[Ww]ill|[Ss]hould) "
    r"(([A-Z][a-zß-ÿ]{1,20})(?: [A-Z][a-zß-ÿ]{1,23})?) "
    r"(?:(?:due|cleared|ready|scheduled|eligible|booked) (?:for|to)|allergic to|awake|asleep|"
    r"sleeping|seeing|taking|eating|coming|going home|extubated|intubated|discharged|admitted|"
    r"npo|NPO|(?:had|taken|eaten|received|signed|missed|take|have|need|get|see|sign|eat) "
    r"(?:his|her|their|any))\b"
)
#: Speaker at the start of a line of a chat or a transcript.
_SPEAKER = re.compile(r"(?m)^([^\W\d_]{3,20}):(?= ?[^\W\d_])")


def find_full_names(text: str) -> Iterator[Span]:
    """Yield given names next to surnames in the same case, speakers and subjects of questions.

    Parameters
    ----------
    text : str
        Whole text.

    Yields
    ------
    Span
        NAME, engine ``gazetteer``.
    """
    for match in _PAIR.finditer(text):
        if _is_full_name(text, match):
            yield Span(match.start(1), match.end(3), "NAME", "gazetteer", LIST_CONFIDENCE)
    for match in _IN_BRACKETS.finditer(text):
        is_surname = fold_text(match[2]) in unambiguous_surnames()
        if is_surname and not is_known_phrase(text, *match.span(1)):
            yield Span(*match.span(1), "NAME", "gazetteer", LIST_CONFIDENCE)
    for match in _SUBJECT_OF_QUESTION.finditer(text):
        is_given_name = fold_text(match[2]) in given_names()
        if is_given_name and not is_known_phrase(text, *match.span(1)):
            yield Span(*match.span(1), "NAME", "gazetteer", LIST_CONFIDENCE)
    for expression in (_SPEAKER, _AFTER_ABBREVIATION):
        yield from _find_given_names(text, expression)


def _find_given_names(text: str, expression: re.Pattern[str]) -> Iterator[Span]:
    """Yield the matches of an expression that are given names and no known phrases."""
    for match in expression.finditer(text):
        is_given_name = fold_text(match[1]) in unambiguous_given_names()
        if is_given_name and not (
            is_known_phrase(text, *match.span(1)) or is_eponym(text, *match.span(1))
        ):
            yield Span(*match.span(1), "NAME", "gazetteer", LIST_CONFIDENCE)


def _is_full_name(text: str, match: re.Match[str]) -> bool:
    """Return whether a pair of words is a name, and neither a known phrase nor an eponym."""
    first, between, second = match.groups()
    if not (first[0].isupper() and second[0].isupper()) or first.isupper() != second.isupper():
        return False
    given, surname = (second, first) if between.startswith(",") else (first, second)
    if fold_text(given) not in unambiguous_given_names() or not _is_surname(surname):
        return False
    begin, end = match.start(1), match.end(3)
    if _is_eponym_before_name(text, match) or (
        "-" in first and precedes_noun_of_eponyms(text, end)
    ):
        return False
    if is_known_phrase(text, begin, end) or starts_with_vendor(text[begin:end]):
        return False
    return fold_text(surname) not in sign_eponyms() or not is_eponym(text, match.start(3), end)


def _is_eponym_before_name(text: str, match: re.Match[str]) -> bool:
    """Return whether the first word is an eponym: ``Willis`` in ``circle of Willis Kowalski``."""
    return normalize_phrase(match[1]) in eponyms() and is_eponym(text, *match.span(1))


def _is_surname(word: str) -> bool:
    """Return whether a word is a surname next to a given name; a term must not be in capitals."""
    folded = fold_text(word)
    if folded in unambiguous_surnames():
        return True
    return word.istitle() and folded in surnames_that_are_words()
