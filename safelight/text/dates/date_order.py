"""How a text writes its numeric dates: whether ``03/04/2020`` is the third of April."""

from __future__ import annotations

import re

from safelight.text.dates.language import is_foreign

#: Two numbers and a year, with one mark between them.
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?![\d/-])")


def reads_day_first(text: str) -> bool | None:
    """Whether the text's own dates, or else its language, put the day before the month.

    Parameters
    ----------
    text : str
        A whole note.

    Returns
    -------
    bool or None
        ``None`` where nothing tells, or both orders stand in it.
    """
    first = second = False
    for match in _NUMERIC.finditer(text):
        one, other = int(match[1]), int(match[3])
        first |= 12 < one < 32 and 0 < other < 13
        second |= 0 < one < 13 and 12 < other < 32
    if first or second:
        return None if first and second else first
    return True if is_foreign(text) else None
