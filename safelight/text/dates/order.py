"""Detect the order of day and month in the numeric dates of a text (``03/04/2020``)."""

from __future__ import annotations

import re

from safelight.text.language import is_foreign_text

#: Two numbers and a year, joined by the same separator.
_NUMERIC_DATE = re.compile(r"(?<![\d./-])(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?![\d/-])")


def reads_day_first(text: str) -> bool | None:
    """Return whether the dates of a text, or else its language, put the day before the month.

    Parameters
    ----------
    text : str
        Whole note.

    Returns
    -------
    bool or None
        None if nothing decides the order, or if the text holds dates of both orders.
    """
    day_first = month_first = False
    for match in _NUMERIC_DATE.finditer(text):
        first, second = int(match[1]), int(match[3])
        day_first |= 12 < first < 32 and 0 < second < 13
        month_first |= 0 < first < 13 and 12 < second < 32
    if day_first or month_first:
        return None if day_first and month_first else day_first
    return True if is_foreign_text(text) else None
