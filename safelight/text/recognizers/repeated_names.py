"""Find further mentions of the names in a text, and single words between two of its names.

A model that reads a note in windows may find ``Ms. Oyelaran`` and miss ``Oyelaran`` ten lines
later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import abbreviations, is_known_phrase
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import is_word
from safelight.text.recognizers.eponyms.surnames import is_eponym
from safelight.text.span_merging import CoveredRanges

#: Confidence of a name of which further mentions are names.
_MIN_CONFIDENCE = 0.9
#: Letters of a word of a name of which further mentions are names.
_MIN_LETTERS = 4
_WORD = re.compile(r"[^\W\d_]+")
_WHOLE_WORD = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])")
_BETWEEN_NAMES = re.compile(r" ([^\W\d_]{2,20}) ")


def find_repeated_names(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield mentions of words of names outside of the spans, and words between two names.

    Parameters
    ----------
    text : str
        Whole text.
    spans : sequence of Span
        Merged spans, in order.

    Yields
    ------
    Span
        NAME, engine ``gazetteer``.
    """
    yield from _find_words_between(text, spans)
    words = {word for span in spans if _is_certain(span) for word in _distinctive_words(text, span)}
    if not words:
        return
    covered = CoveredRanges(spans)
    for match in _WHOLE_WORD.finditer(text):
        begin, end = match.span()
        if match.group() not in words or covered.overlap(begin, end):
            continue
        if not (is_known_phrase(text, begin, end) or is_eponym(text, begin, end)):
            yield Span(begin, end, "NAME", "gazetteer", _MIN_CONFIDENCE)


def _is_certain(span: Span) -> bool:
    """Return whether a span is a name that a label, a pattern or a confident model has found."""
    return span.entity == "NAME" and span.confidence >= _MIN_CONFIDENCE


def _distinctive_words(text: str, span: Span) -> Iterator[str]:
    """Yield the words of a name that are not words of the language, in the cases of a name."""
    for match in _WORD.finditer(text, span.begin, span.end):
        word = match.group()
        if len(word) < _MIN_LETTERS or word.islower() or word.upper() in abbreviations():
            continue
        if not is_word(fold_text(word)):
            yield word
            yield word.capitalize()
            yield word.upper()


def _find_words_between(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield single capitalized words between two names: of a name in three words or more."""
    names = [span for span in spans if span.entity == "NAME"]
    for first, second in zip(names, names[1:]):
        between = _BETWEEN_NAMES.fullmatch(text, first.end, second.begin)
        if between is None or not between[1].istitle():
            continue
        word = fold_text(between[1])
        if not is_word(word) and word not in word_set("titles.kept"):
            yield Span(*between.span(1), "NAME", "gazetteer", _MIN_CONFIDENCE)
