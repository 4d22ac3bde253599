"""Find the halves of a known name that a sender divides between two short values.

A scanner fills a field of limited length and continues the name in the next one. The beginning of
the name is then the end of one value, and its end the beginning of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from safelight.records import Span
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS, Owner
from safelight.text.lexicon.folding import Folded
from safelight.text.lexicon.words import is_word

#: Minimum number of letters of a half; shorter ones are abbreviations.
HALF_MIN_LETTERS = 4
_FIRST = re.compile(r"\s*([^\W\d_]{4,})(?![^\W_])")
_LAST = re.compile(r"(?<![^\W_])([^\W\d_]{4,})\s*$")


class HalfNames:
    """Beginnings and ends of the long parts of known names; those that are words do not count.

    Parameters
    ----------
    parts : mapping of str to Owner
        Folded parts of names, with entity and subtype.
    """

    def __init__(self, parts: Mapping[str, Owner]):
        self._beginnings: dict[str, Owner] = {}
        self._ends: dict[str, Owner] = {}
        for part, owner in parts.items():
            for cut in range(HALF_MIN_LETTERS, len(part) - HALF_MIN_LETTERS + 1):
                self._beginnings.setdefault(part[:cut], owner)
                self._ends.setdefault(part[cut:], owner)
        self._any_beginning, self._any_end = tuple(self._beginnings), tuple(self._ends)

    def find(self, folded: Folded) -> Iterator[Span]:
        """Yield the half at the beginning and the half at the end of a short text.

        Parameters
        ----------
        folded : Folded
            A text; longer ones than a description have no halves.

        Yields
        ------
        Span
        """
        text = folded.text
        if len(text) > DESCRIPTION_MAX_CHARACTERS:
            return
        if text.lstrip().startswith(self._any_end) and (found := _FIRST.match(text)):
            yield from _make_span(self._ends.get(found[1]), found, folded)
        if text.rstrip().endswith(self._any_beginning) and (found := _LAST.search(text)):
            yield from _make_span(self._beginnings.get(found[1]), found, folded)


def _make_span(owner: Owner | None, found: re.Match[str], folded: Folded) -> Iterator[Span]:
    """Yield the span of a half, unless it is the whole text, as a file ID may be."""
    if owner is not None and not is_word(found[1]) and found[1] != folded.text.strip():
        yield Span(*folded.original(*found.span(1)), owner[0], "known", 1.0, owner[1])
