"""Trim model findings in short description attributes, which are mostly imaging terms.

A description is not a sentence. Its capital letters mislead the text model, and the model takes
terms next to a name for a part of the name.
"""

from __future__ import annotations

import re
from dataclasses import replace

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import imaging_words, is_known_name, is_word

#: Confidence from which a finding of the text model is reliable by itself.
HIGH_CONFIDENCE = 0.9
#: Engines whose findings are trimmed. Findings of patterns and known values are exact.
_TRIMMED_ENGINES = frozenset({"ner", "gazetteer"})

_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY_WORD = re.compile(r"[^\W\d_]+")
_CARET_PART = re.compile(r"[^^]+")
_CAMEL_CASE_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
_MEASURE = re.compile(r"\d{1,5}")
_TERM_BEFORE = re.compile(r"[^\W\d_]_$")


def trim_finding(value: str, span: Span) -> Span | None:
    """Remove imaging terms from a finding in a short text.

    Parameters
    ----------
    value : str
        Value of a description, a protocol name or a label.
    span : Span
        Finding of a pattern or of the text model.

    Returns
    -------
    Span or None
        None if the finding consists of terms only.
    """
    if span.entity == "NAME":
        return None if _is_ordinary_words(value, span) else _trim_terms(value, span)
    return None if _is_measure(value, span) or _is_imaging_term(value, span) else span


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
    while parts and _is_term(value[slice(*parts[0])]):
        parts.pop(0)
    while parts and _is_term(value[slice(*parts[-1])]):
        parts.pop()
    words = [word for part in parts for word in _camel_case_words(value[slice(*part)])]
    if len(parts) < 2 and all(word in imaging_words() for word in words):
        return None
    return replace(span, begin=parts[0][0], end=parts[-1][1])


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


def _is_ordinary_words(value: str, span: Span) -> bool:
    """Return whether a name of the text model consists of words that are not names."""
    if span.engine != "ner":
        return False
    words = tokenize_span(value, span)
    return bool(words) and all(is_word(word) and not is_known_name(word) for word in words)


def _trim_terms(value: str, span: Span) -> Span | None:
    """Return a name without the terms at its ends: ``BILAT - HUFFMAN``."""
    words = [match.span() for match in _ANY_WORD.finditer(value, span.begin, span.end)]
    if span.engine not in _TRIMMED_ENGINES or len(words) < 2:
        return span
    first, last = 0, len(words)
    while first < last and _is_long_term(value[slice(*words[first])]):
        first += 1
    while last > first and _is_long_term(value[slice(*words[last - 1])]):
        last -= 1
    if first == last:
        return span
    begin = words[first][0] if first else span.begin
    return replace(span, begin=begin, end=words[last - 1][1] if last < len(words) else span.end)


def _is_long_term(word: str) -> bool:
    """Return whether a word is a term and longer than an initial."""
    return len(word) > 2 and _is_term(word)


def _is_measure(value: str, span: Span) -> bool:
    """Return whether an uncertain identifier is a few digits joined to a term: ``PTV_5040``.

    Doses, thicknesses and series numbers are written so (AAPM TG-263 for structures).
    """
    return (
        (span.entity, span.engine) == ("ID", "ner")
        and span.confidence < HIGH_CONFIDENCE
        and _MEASURE.fullmatch(value[span.begin : span.end]) is not None
        and _TERM_BEFORE.search(value[: span.begin]) is not None
    )


def _is_imaging_term(value: str, span: Span) -> bool:
    """Return whether an uncertain place or contact is a term of imaging: ``PA``, ``POST``."""
    if span.engine != "ner" or span.confidence >= HIGH_CONFIDENCE:
        return False
    if span.entity not in ("LOCATION", "CONTACT") or not _has_only_letters(value, span):
        return False
    words = tokenize_span(value, span)
    return bool(words) and all(word in imaging_words() for word in words)


def _has_only_letters(value: str, span: Span) -> bool:
    return value[span.begin : span.end].replace(" ", "").isalpha()


def _camel_case_words(part: str) -> list[str]:
    """Return the folded words of a text; a capital letter inside a word starts a new word."""
    return [fold_text(word) for word in _CAMEL_CASE_WORD.findall(part)]


def _is_term(part: str) -> bool:
    """Return whether all words of a text are terms or manufacturers, and none is a name."""
    return all(
        (is_word(word) or word in imaging_words() or word in word_set("device_makers.surname"))
        and not is_known_name(word)
        for word in _camel_case_words(part)
    )
