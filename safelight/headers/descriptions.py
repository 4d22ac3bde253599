"""What is left of a guess in a title of an examination: a few words, terms most of them.

A description has no sentence around it, so that capitals mislead the model, and what stands
beside a name is taken for a part of it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import imaging_words, is_known_name, is_word

#: What a guess of the model must reach to be more than shy.
CONFIDENT = 0.9
#: Engines that guess: rules and known values do not.
_GUESSES = frozenset({"ner", "gazetteer"})

_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY_WORD = re.compile(r"[^\W\d_]+")
_PART = re.compile(r"[^^]+")
_GLUED_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
_MEASURE = re.compile(r"\d{1,5}")
_TERM_BEFORE = re.compile(r"[^\W\d_]_$")


def trim_finding(value: str, span: Span) -> Span | None:
    """A finding without the terms beside what it found; ``None`` if nothing is left.

    Parameters
    ----------
    value : str
        The value of a short text: a description, a protocol, a label.
    span : Span
        What rules or model found in it.
    """
    if span.entity == "NAME":
        return None if _is_plain(value, span) else _trimmed(value, span)
    return None if _is_measure(value, span) or _is_shy_term(value, span) else span


def without_terms(value: str, span: Span) -> Span | None:
    """A name with carets without the terms at its ends; ``None`` if nobody is left.

    Some scanners join region and examination by a caret, as PN joins the parts of a name:
    ``Head^Routine``, ``Neck^Parathyroid``, ``SIEMENS^BRAIN^GENERAL``.
    """
    if span.entity != "NAME" or "^" not in value[span.begin : span.end]:
        return span
    parts = [match.span() for match in _PART.finditer(value, span.begin, span.end)]
    while parts and _is_term(value[slice(*parts[0])]):
        parts.pop(0)
    while parts and _is_term(value[slice(*parts[-1])]):
        parts.pop()
    words = [word for part in parts for word in _plain_words(value[slice(*part)])]
    if len(parts) < 2 and all(word in imaging_words() for word in words):
        return None
    return replace(span, begin=parts[0][0], end=parts[-1][1])


def _is_plain(value: str, span: Span) -> bool:
    """Whether a guessed name is words of the language that nobody is called."""
    words = words_of(value, span)
    guessed = span.engine == "ner" and bool(words)
    return guessed and all(is_word(word) and not is_known_name(word) for word in words)


def _trimmed(value: str, span: Span) -> Span | None:
    """A guessed name without the terms at its ends: ``BILAT - HUFFMAN``."""
    words = [match.span() for match in _ANY_WORD.finditer(value, span.begin, span.end)]
    if span.engine not in _GUESSES or len(words) < 2:
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
    """Whether a word is a term, and no initial."""
    return len(word) > 2 and _is_term(word)


def _is_measure(value: str, span: Span) -> bool:
    """Whether a shy guess at an identifier is a few digits joined to a term: ``PTV_5040``.

    Doses, thicknesses and numbers of series are joined so (AAPM TG-263 for structures).
    """
    return (
        (span.entity, span.engine) == ("ID", "ner")
        and span.confidence < CONFIDENT
        and _MEASURE.fullmatch(value[span.begin : span.end]) is not None
        and _TERM_BEFORE.search(value[: span.begin]) is not None
    )


def _is_shy_term(value: str, span: Span) -> bool:
    """Whether a shy guess at a place or a contact is a term of imaging: ``PA``, ``POST``."""
    if span.engine != "ner" or span.confidence >= CONFIDENT:
        return False
    if span.entity not in ("LOCATION", "CONTACT") or not _is_letters(value, span):
        return False
    words = words_of(value, span)
    return bool(words) and all(word in imaging_words() for word in words)


def _is_letters(value: str, span: Span) -> bool:
    return value[span.begin : span.end].replace(" ", "").isalpha()


def words_of(value: str, span: Span) -> list[str]:
    """The words of a finding, folded, those of one letter left out."""
    return _WORD.findall(fold_text(value[span.begin : span.end]))


def _plain_words(part: str) -> list[str]:
    """The words of a part, those that are glued by capitals among them."""
    return [fold_text(word) for word in _GLUED_WORD.findall(part)]


def _is_term(part: str) -> bool:
    """Whether a part is words, or a maker, that nobody is called."""
    return all(
        (is_word(word) or word in imaging_words() or word in word_set("device_makers.surname"))
        and not is_known_name(word)
        for word in _plain_words(part)
    )
