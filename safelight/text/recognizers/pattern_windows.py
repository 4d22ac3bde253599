"""Restrict the search for a pattern in a long text to windows around the strings that it needs.

A note of one page has about a dozen dates and a few field labels. A search of all expressions at
every character would take ten times as long as a search in the windows around digits and labels.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, cached_property

#: Texts up to this length are searched as a whole, which is faster than to make windows.
WHOLE_TEXT_MAX_CHARACTERS = 256
#: A window is extended to white space by at most this many characters on either side.
_EXTENSION_MAX_CHARACTERS = 64
#: First characters of a needed string by which most strings that a text lacks are ruled out.
_START_CHARACTERS = 3
_DIGITS = re.compile("[0-9]+")
_SPACE = re.compile(r"\s")
#: Begin and end of a part of a text, or characters before and after a string.
Range = tuple[int, int]


class PatternWindows:
    """Windows of one text, cached by what they surround.

    Parameters
    ----------
    text : str
        Text to search.
    """

    def __init__(self, text: str):
        self.text = text
        lower = text.lower()
        # a few characters become longer in lower case; offsets must stay those of the text
        self._lower = lower if len(lower) == len(text) else "".join(c.lower()[:1] for c in text)
        self._occurrences: dict[str, list[Range]] = {}
        self._windows: dict[tuple[tuple[str, ...], bool, Range], list[Range]] = {}

    def has(self, needs: tuple[str, ...], digits: bool) -> bool:
        """Return whether the text has one of the needed strings, and a digit if required.

        Parameters
        ----------
        needs : tuple of str
            Lower-case strings; ``#`` is any digit.
        digits : bool
            Whether the text must have a digit as well.
        """
        if digits and not self._digit_runs():
            return False
        return any(
            bool(self._digit_runs()) if need == "#" else need in self._lower for need in needs
        )

    def around(self, needs: tuple[str, ...], digits: bool, reach: Range) -> list[Range]:
        """Return windows around the needed strings, extended to white space and joined.

        Parameters
        ----------
        needs : tuple of str
            Lower-case strings; ``#`` is any digit.
        digits : bool
            Whether a digit must be within reach as well.
        reach : tuple of int
            Characters before and after a needed string.

        Returns
        -------
        list of tuple
            Begin and end of each window, in order.
        """
        if len(self.text) <= WHOLE_TEXT_MAX_CHARACTERS:
            return [(0, len(self.text))] if self.has(needs, digits) else []
        key = (needs, digits, reach)
        windows = self._windows.get(key)
        if windows is None:
            windows = self._windows[key] = self._make_windows(needs, digits, reach)
        return windows

    def _possible(self, needs: tuple[str, ...]) -> list[str]:
        """Return the needed strings whose first characters the text has, which are few."""
        starts = self._starts
        if starts.isdisjoint(_starts_of(needs)):
            return []
        return [need for need in needs if need[:_START_CHARACTERS] in starts]

    @cached_property
    def _starts(self) -> set[str]:
        """Characters with which a string in the text can start, and ``#`` for a digit."""
        text = self._lower
        starts = {
            text[begin : begin + length]
            for length in range(1, _START_CHARACTERS + 1)
            for begin in range(len(text))
        }
        if self._digit_runs():
            starts.add("#")
        return starts

    @cached_property
    def _spaces(self) -> list[int]:
        """Offsets of all white space."""
        return [match.start() for match in _SPACE.finditer(self.text)]

    def _digit_runs(self) -> list[Range]:
        """Return the ranges of all runs of digits."""
        runs = self._occurrences.get("#")
        if runs is None:
            runs = self._occurrences["#"] = [m.span() for m in _DIGITS.finditer(self.text)]
        return runs

    def _find_occurrences(self, need: str) -> list[Range]:
        """Return the ranges of all occurrences of a needed string."""
        if need == "#":
            return self._digit_runs()
        occurrences = self._occurrences.get(need)
        if occurrences is None:
            occurrences = self._occurrences[need] = []
            begin = self._lower.find(need)
            while begin >= 0:
                occurrences.append((begin, begin + len(need)))
                begin = self._lower.find(need, begin + len(need))
        return occurrences

    def _make_windows(self, needs: tuple[str, ...], digits: bool, reach: Range) -> list[Range]:
        """Return the windows around all occurrences; overlapping windows become one."""
        occurrences = sorted(
            found for need in self._possible(needs) for found in self._find_occurrences(need)
        )
        if digits:
            occurrences = list(_with_digit_in_reach(occurrences, self._digit_runs(), reach))
        joined: list[Range] = []
        for first, last in occurrences:
            begin, end = self._extend(first - reach[0], last + reach[1])
            if joined and begin <= joined[-1][1]:
                if end > joined[-1][1]:
                    joined[-1] = (joined[-1][0], end)
            else:
                joined.append((begin, end))
        return joined

    def _extend(self, begin: int, end: int) -> Range:
        """Return a window with its borders moved outwards to white space, to keep words whole."""
        spaces, length = self._spaces, len(self.text)
        begin, end = max(0, begin), min(length, end)
        before, after = bisect_left(spaces, begin), bisect_left(spaces, end)
        first = spaces[before - 1] + 1 if before else 0
        last = spaces[after] if after < len(spaces) else length
        return max(first, begin - _EXTENSION_MAX_CHARACTERS), min(
            last, end + _EXTENSION_MAX_CHARACTERS
        )


@cache
def _starts_of(needs: tuple[str, ...]) -> frozenset[str]:
    """Return the first characters of needed strings."""
    return frozenset(need[:_START_CHARACTERS] for need in needs)


def _with_digit_in_reach(
    occurrences: list[Range], digits: list[Range], reach: Range
) -> Iterator[Range]:
    """Yield the occurrences that have a digit within reach; both lists are sorted."""
    index = 0
    for begin, end in occurrences:
        while index < len(digits) and digits[index][1] < begin - reach[0]:
            index += 1
        if index == len(digits):
            return
        if digits[index][0] <= end + reach[1]:
            yield begin, end
