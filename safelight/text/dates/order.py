"""Detect the order of day and month in the numeric dates of a text (``03/04/2020``)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from safelight.records import Span
from safelight.text.lexicon.word_lists import expand_lists

#: Two numbers and a year, joined by the same separator.
_NUMERIC_DATE = re.compile(r"(?<![\d./-])(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?![\d/-])")
#: Day and month without a year, at the start or the end of a date.
_DAY_AND_MONTH = re.compile(r"(?<![\d./-])(\d{1,2})/(\d{1,2})(?![\d/-])")
#: Day, month and year with full stops.
_DOTTED_DATE = re.compile(r"(?<![\d.])(\d{1,2})\. ?(\d{1,2})\. ?(?:\d{4}|\d{2})(?![\d.])")
_DAY_BEFORE_MONTH_NAME = re.compile(
    expand_lists(r"(?<!\d)\d{1,2}(?:\.|st|nd|rd|th|er|º)?[ -](?:of |de )?(?:<list:months.full>)\b"),
    re.I,
)


def is_day_before_month_name(text: str) -> bool:
    """Return whether a written date has the day before the full name of the month."""
    return _DAY_BEFORE_MONTH_NAME.search(text) is not None


def find_orders(text: str, spans: Iterable[Span] = ()) -> tuple[bool, bool]:
    """Return whether a text has dates with the day first, and dates with the month first.

    Parameters
    ----------
    text : str
        Whole note.
    spans : iterable of Span
        Spans of dates, in which a day and a month without a year count as well.

    Returns
    -------
    tuple of bool
        Dates in which only one order is possible decide. If there are none, dates with full stops
        are taken to have the day first.
    """
    pairs = [(int(m[1]), int(m[3])) for m in _NUMERIC_DATE.finditer(text)]
    for span in spans:
        pairs += [
            (int(m[1]), int(m[2])) for m in _DAY_AND_MONTH.finditer(text, span.begin, span.end)
        ]
    dotted = [(int(m[1]), int(m[2])) for m in _DOTTED_DATE.finditer(text)]
    pairs += dotted
    day_first = any(12 < first < 32 and 0 < second < 13 for first, second in pairs)
    month_first = any(0 < first < 13 and 12 < second < 32 for first, second in pairs)
    if not day_first and not month_first:
        day_first = any(second < 13 for _, second in dotted)
    return day_first, month_first
