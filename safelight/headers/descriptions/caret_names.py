"""Trim names in descriptions whose parts are joined by carets, as PN joins them."""

from __future__ import annotations

import re
from dataclasses import replace

from safelight.headers.descriptions.terms import (
    ANY_WORD,
    camel_case_words,
    is_eponym_before_term,
    is_term,
    is_term_only,
    is_term_word,
)
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.technical_words import (
    foreign_description_words,
    is_technical_word,
    scanner_terms,
)
from safelight.text.lexicon.words import (
    given_names,
    imaging_words,
    is_imaging_term,
)

#: Text after a letter that belongs to an abbreviation: ``H&N``, ``L CC``.
_REST_OF_ABBREVIATION = re.compile(r"&[A-Z]\b| (?:CC|MLO|ML|LM|LMO|XCCL|SPOT|MAG)\b")
_CARET_PART = re.compile(r"[^^]+")


def trim_caret_name(value: str, span: Span) -> Span | None:
    """Remove terms at the ends of a name whose parts are joined by carets.

    Some scanners join region and examination by a caret, as PN joins the parts of a name:
    ``Head^Routine``, ``Neck^Parathyroid``, ``SIEMENS^BRAIN^GENERAL``.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.

    Returns
    -------
    Span or None
        None if no part can be a name.
    """
    if span.entity != "NAME" or "^" not in value[span.begin : span.end]:
        return span
    parts = [match.span() for match in _CARET_PART.finditer(value, span.begin, span.end)]
    parts[-1] = (parts[-1][0], _end_of_caret_part(value, *parts[-1]))
    is_full_name = (
        len(parts) > 1
        and fold_text(value[slice(*parts[1])]) in given_names()
        and not any(map(is_term_only, camel_case_words(value[slice(*parts[0])])))
    )
    while parts and not is_full_name and _is_caret_term(value[slice(*parts[0])]):
        parts.pop(0)
    while parts and not is_full_name and _is_caret_term(value[slice(*parts[-1])]):
        parts.pop()
    words = [word for part in parts for word in camel_case_words(value[slice(*part)])]
    if len(parts) < 2 and all(word in imaging_words() for word in words):
        return None
    return replace(span, begin=parts[0][0], end=parts[-1][1])


def _end_of_caret_part(value: str, begin: int, end: int) -> int:
    """Return the end of the last part of a name without the terms of the description after it."""
    words = [match.span() for match in ANY_WORD.finditer(value, begin, end)]
    while len(words) > 1:
        word = value[slice(*words[-1])]
        is_letter = len(word) == 1 and _REST_OF_ABBREVIATION.match(value, words[-1][1])
        if not (is_letter or is_term_word(word) or is_eponym_before_term(value, *words[-1])):
            break
        words.pop()
        end = words[-1][1]
    return end


def _is_caret_term(part: str) -> bool:
    """Return whether all words of a part between carets are terms, of any language."""
    return all(
        is_imaging_term(word)
        or word in scanner_terms()
        or word in foreign_description_words()
        or is_technical_word(word)
        or is_term(word)
        for word in camel_case_words(part)
    )
