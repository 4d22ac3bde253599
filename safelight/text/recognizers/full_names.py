"""Full names by lists: a given name beside a surname, neither of them a word of the language.

A header value or a line of a table has no sentence around a name, and the model may pass over
``Given Surname contrast``. Both lists stand in ``unambiguous_names.csv.gz``; their sources are
named in NOTICE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import is_known_phrase, sign_eponyms, starts_with_vendor
from safelight.text.lexicon.words import (
    surnames_that_are_words,
    unambiguous_given_names,
    unambiguous_surnames,
)
from safelight.text.recognizers.eponyms import is_eponym

#: Two words with a capital, an initial between them if any; a comma where the surname is first.
_PAIR = re.compile(
    r"(?<![^\W_])(?=([^\W\d_]{2,24}(?:[-'’][^\W\d_]{2,24})?)"
    r"(,? (?:[A-Z]\.? )?)([^\W\d_]{2,24}(?:[-'’][^\W\d_]{2,24})?)(?![^\W_]))"
)
#: A name and nothing else in brackets: ``room 12 (Yoo, Minseo)``.
_IN_BRACKETS = re.compile(r"\((([A-Z][^\W\d_]{1,24}), [A-Z][^\W\d_]{1,24}(?: [A-Z]\.?)?)\)")
#: Who speaks, at the start of a line of a chat or a transcript.
_SPEAKER = re.compile(r"(?m)^([^\W\d_]{3,20}):(?= ?[^\W\d_])")
#: What only lists say is less sure than a key.
_CONFIDENCE = 0.9


def _given(word: str) -> bool:
    return fold_text(word) in unambiguous_given_names()


def _surname(word: str) -> bool:
    """Whether a word is a surname beside a given name; one that is a term needs small letters."""
    folded = fold_text(word)
    if folded in unambiguous_surnames():
        return True
    return word.istitle() and folded in surnames_that_are_words()


def find_full_names(text: str) -> Iterator[Span]:
    """Given names beside surnames, written with capitals alike, and speakers of a transcript.

    Parameters
    ----------
    text : str

    Yields
    ------
    Span
        NAME, engine ``gazetteer``.
    """
    for match in _PAIR.finditer(text):
        first, between, second = match.groups()
        capitals = first[0].isupper() and second[0].isupper()
        if not capitals or first.isupper() != second.isupper():
            continue
        turned = between.startswith(",")
        given, surname = (second, first) if turned else (first, second)
        if not (_given(given) and _surname(surname)):
            continue
        begin, end = match.start(1), match.end(3)
        if is_known_phrase(text, begin, end) or starts_with_vendor(text[begin:end]):
            continue
        if fold_text(surname) in sign_eponyms() and is_eponym(text, match.start(3), end):
            continue
        yield Span(begin, end, "NAME", "gazetteer", _CONFIDENCE)
    for match in _IN_BRACKETS.finditer(text):
        if fold_text(match[2]) in unambiguous_surnames() and not is_known_phrase(
            text, *match.span(1)
        ):
            yield Span(*match.span(1), "NAME", "gazetteer", _CONFIDENCE)
    for match in _SPEAKER.finditer(text):
        if _given(match[1]) and not is_known_phrase(text, *match.span(1)):
            yield Span(*match.span(1), "NAME", "gazetteer", _CONFIDENCE)
