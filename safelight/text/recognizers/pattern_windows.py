"""Where in a long text a pattern can match at all: around the strings that it needs.

A note of a page has a dozen dates and a few keys; searching sixty expressions over every
character of it would cost ten times what the few windows around digits and keys do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Below this length windows cost more than they spare.
SHORT = 256
_DIGITS = re.compile("[0-9]+")
Window = tuple[int, int]


class Windows:
    """The windows of one text; remembered by what they are around.

    Parameters
    ----------
    text : str
    """

    def __init__(self, text: str):
        self.text = text
        lower = text.lower()
        # a few characters grow when lowered; offsets must stay those of the text
        self._lower = lower if len(lower) == len(text) else "".join(c.lower()[:1] for c in text)
        self._marks: dict[str, list[Window]] = {}
        self._windows: dict[tuple[tuple[str, ...], bool, Window], list[Window]] = {}

    def has(self, needs: tuple[str, ...], digits: bool) -> bool:
        """Whether one of the needed strings, and a digit if asked for, stands in the text."""
        if digits and not self._digit_marks():
            return False
        return any(
            bool(self._digit_marks()) if need == "#" else need in self._lower for need in needs
        )

    def around(self, needs: tuple[str, ...], digits: bool, reach: Window) -> list[Window]:
        """Windows around the needed strings, cut at white space, joined where they meet.

        Parameters
        ----------
        needs : tuple of str
            Lower-case strings; ``#`` is any digit.
        digits : bool
            Whether a digit must stand within reach too.
        reach : tuple of int
            Characters before and behind.
        """
        if len(self.text) <= SHORT:
            return [(0, len(self.text))] if self.has(needs, digits) else []
        key = (needs, digits, reach)
        found = self._windows.get(key)
        if found is None:
            found = self._windows[key] = self._around(needs, digits, reach)
        return found

    def _digit_marks(self) -> list[Window]:
        marks = self._marks.get("#")
        if marks is None:
            marks = self._marks["#"] = [m.span() for m in _DIGITS.finditer(self.text)]
        return marks

    def _marks_of(self, need: str) -> list[Window]:
        if need == "#":
            return self._digit_marks()
        marks = self._marks.get(need)
        if marks is None:
            marks = self._marks[need] = []
            begin = self._lower.find(need)
            while begin >= 0:
                marks.append((begin, begin + len(need)))
                begin = self._lower.find(need, begin + len(need))
        return marks

    def _around(self, needs: tuple[str, ...], digits: bool, reach: Window) -> list[Window]:
        marks = sorted(mark for need in needs for mark in self._marks_of(need))
        if digits:
            marks = list(_near(marks, self._digit_marks(), reach))
        joined: list[Window] = []
        for begin, end in marks:
            begin, end = self._cut(begin - reach[0], end + reach[1])
            if joined and begin <= joined[-1][1]:
                if end > joined[-1][1]:
                    joined[-1] = (joined[-1][0], end)
            else:
                joined.append((begin, end))
        return joined

    def _cut(self, begin: int, end: int) -> Window:
        """Move the borders of a window outwards to white space, so that no word is halved."""
        text, length = self.text, len(self.text)
        begin, end = max(0, begin), min(length, end)
        stop = max(0, begin - 64)
        while begin > stop and not text[begin - 1].isspace():
            begin -= 1
        stop = min(length, end + 64)
        while end < stop and not text[end].isspace():
            end += 1
        return begin, end


def _near(marks: list[Window], digits: list[Window], reach: Window) -> Iterator[Window]:
    """The marks that have a digit within reach; both lists are sorted."""
    index = 0
    for begin, end in marks:
        while index < len(digits) and digits[index][1] < begin - reach[0]:
            index += 1
        if index == len(digits):
            return
        if digits[index][0] <= end + reach[1]:
            yield begin, end
