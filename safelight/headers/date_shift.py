"""Shift values of the VRs DA and DT by whole days (PS3.5, table 6.2-1)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

#: Placeholders for "no date". A shifted placeholder would reveal the shift.
CONSTANT_DATES = frozenset(
    {"00000000", "00010101", "18000101", "18991230", "18991231", "19000101", "19700101", "99991231"}
)  # fmt: skip

# The whole value must match: a value that only starts with a date is not a date.
_DATE_TIME = re.compile(
    r"(?P<year>\d{4})(?:(?P<dot>\.?)(?P<month>0[1-9]|1[0-2])(?:(?P=dot)(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?P<time>(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?)?)?"
    r"(?P<zone>[+-](?:0\d|1[0-4])[0-5]\d)?"
)


def shift_date(text: str, days: int) -> str | None:
    """Shift one DA or DT value, or a range of two values.

    Parameters
    ----------
    text : str
        One value: ``YYYYMMDD``, the retired ``YYYY.MM.DD``, partial ``YYYYMM`` or ``YYYY``, with
        or without time and zone; or a range ``A-B``, ``A-`` or ``-B``.
    days : int
        Whole days to add.

    Returns
    -------
    str or None
        The shifted value in the format of ``text``; None if ``text`` is not a date, so that the
        caller does not keep it. A partial date is shifted from its first day and stays partial.
    """
    text = text.strip()
    if not text or text in CONSTANT_DATES:
        return text
    shifted = _shift_single(text, days)
    if shifted is not None:
        return shifted
    for match in re.finditer("-", text):
        first, last = text[: match.start()], text[match.end() :]
        ends = [_shift_single(end, days) if end else "" for end in (first, last)]
        if ends[0] is not None and ends[1] is not None and (first or last):
            return f"{ends[0]}-{ends[1]}"
    return None


@lru_cache(maxsize=16384)
def _shift_single(text: str, days: int) -> str | None:
    """Return a shifted value that is not a range, or None if it is not a date."""
    match = _DATE_TIME.fullmatch(text)
    if not match:
        return None
    year, month, day = match["year"], match["month"], match["day"]
    if f"{year}{month or '01'}{day or '01'}" in CONSTANT_DATES:
        return text
    try:
        moved = date(int(year), int(month or 1), int(day or 1)) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    dot = match["dot"] or ""
    shifted = f"{moved.year:04d}"
    if month:
        shifted += f"{dot}{moved.month:02d}"
    if day:
        shifted += f"{dot}{moved.day:02d}"
    return shifted + (match["time"] or "") + (match["zone"] or "")


_TIME = re.compile(r"(?:[01]\d|2[0-4])(?::?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?")


def is_time(text: str) -> bool:
    """Return whether a TM value, or a range of two values, is a time of day."""
    ends = text.strip().split("-")
    return len(ends) <= 2 and all(not end or _TIME.fullmatch(end.strip()) for end in ends)
