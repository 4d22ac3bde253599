"""Shift DICOM dates and date-times by whole days (PS3.5, table 6.2-1: DA, DT)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

#: Placeholders that systems write for "no date". Shifting one would give the shift away.
CONSTANT_DATES = frozenset(
    {"00000000", "00010101", "18000101", "18991230", "18991231", "19000101", "19700101", "99991231"}
)  # fmt: skip

#: Dates that are facts of the standard or of a product, not of a patient.
CONSTANT_DATE_TAGS = frozenset(
    {
        0x00080106,  # Context Group Version
        0x00080107,  # Context Group Local Version
    }
)

# The time must be a time: nothing that merely begins with a date is taken for one.
_DATE_TIME = re.compile(
    r"(?P<year>\d{4})(?:(?P<dot>\.?)(?P<month>0[1-9]|1[0-2])(?:(?P=dot)(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?P<time>(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?)?)?)?"
    r"(?P<zone>[+-](?:0\d|1[0-4])[0-5]\d)?"
)


def shift_date(text: str, days: int) -> str | None:
    """Shift one DA or DT value, or a range of two; multi-values are split by the caller.

    Parameters
    ----------
    text : str
        ``YYYYMMDD``, the old ``YYYY.MM.DD``, partial ``YYYYMM`` and ``YYYY``, with or without
        time and zone; ``A-B``, ``A-`` and ``-B`` are ranges.
    days : int

    Returns
    -------
    str or None
        In the form it came in, ``None`` where it is no date: then it must not pass. A partial
        date is shifted from its first day and stays partial.
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
    """Whether a TM value, or a range of two, holds a time of day and nothing else."""
    ends = text.strip().split("-")
    return len(ends) <= 2 and all(not end or _TIME.fullmatch(end.strip()) for end in ends)
