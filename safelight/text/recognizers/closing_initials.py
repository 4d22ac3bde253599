"""Find the initials of the author at the end of a note: ``… will follow. ldw``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.records import Span
from safelight.text.lexicon.phrases import abbreviations
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import is_word

#: Characters at the end of a text in which initials are looked for.
_TAIL_CHARACTERS = 40
_CONFIDENCE = 0.8
_DEGREE = r"(?:,? (?i:rn|lpn|lvn|md|np|pa|ma|rt|pt|ot|cnm|pharmd)\b)?"
_CLOSING = re.compile(
    r"(?<=[.!?;)\]✓])\s{1,2}[-–—~/]{0,2} ?"
    r"((?:[A-Z]{2,4}|[a-z]{2,3})(?:[ /][A-Z]{2,3}|/[a-z]{2,3})?)"
    rf"({_DEGREE})\.?\s*\Z"
)


def find_closing_initials(text: str) -> Iterator[Span]:
    """Yield the initials at the end of a text of several words.

    Parameters
    ----------
    text : str
        Whole text.

    Yields
    ------
    Span
        NAME, engine ``regex``. An abbreviation or a word is none, unless a degree follows.
    """
    match = _CLOSING.search(text, max(0, len(text) - _TAIL_CHARACTERS))
    if match is None:
        return
    parts = match[1].partition("/")[0].split()  # a typist after a slash proves initials
    if match[2] or not any(map(_is_abbreviation, parts)):
        yield Span(*match.span(1), "NAME", "regex", _CONFIDENCE, "CLINICIAN")


def _is_abbreviation(part: str) -> bool:
    """Return whether letters are a word, an abbreviation, or not initials by a list."""
    folded = part.lower()
    return (
        part.upper() in abbreviations()
        or is_word(folded)
        or folded in word_set("not_initials")
        or folded in word_set("words_after_titles")
    )
