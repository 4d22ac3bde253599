"""Build one regular expression that finds a known date in every format."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from safelight.text.dates.calendar_names import calendar_names
from safelight.text.dates.parsing import parse_date_text
from safelight.text.lexicon.folding import fold_text

#: Dates that mean "unknown", and epochs of clocks and calendars. They identify no person.
CONSTANT_DATES = frozenset(
    datetime.date(*parts)
    for parts in (
        (1, 1, 1), (1111, 11, 11), (1582, 10, 15), (1753, 1, 1), (1800, 1, 1), (1858, 11, 17),
        (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (1901, 1, 1), (1904, 1, 1), (1970, 1, 1),
        (2999, 12, 31), (9999, 12, 31),
    )
)  # fmt: skip


def read_known_date(text: str) -> list[datetime.date]:
    """Return the possible dates of a known value: two if day and month are interchangeable."""
    dates = []
    for day_first in (None, True, False):
        parts = parse_date_text(text.strip()[:64], day_first)
        if parts and parts.year and parts.month and parts.day:
            date = datetime.date(parts.year, parts.month, parts.day)
            if date not in dates and date not in CONSTANT_DATES:
                dates.append(date)
    return dates


def _month_name_expression(month: int) -> str:
    """Return an expression for the names of a month in all languages, longest first."""
    words = {
        fold_text(form)
        for names in calendar_names().forms["months"].values()
        for form in names[month - 1]
    }
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")(?![a-z])"


def _formats(date: datetime.date) -> Iterable[str]:
    """Yield an expression for every format of a date."""
    year, short = f"{date.year:04d}", f"{date.year % 100:02d}"
    y = rf"(?:{year}|'?{short})"
    m, d = f"0?{date.month}", f"0?{date.day}"
    gap = r"[\s./,_|\\-]{1,3}"
    for order in ((y, m, d), (m, d, y), (d, m, y)):
        yield gap.join(order)
    yield rf"{year}年\s?{m}月\s?{d}日"
    mm, dd = f"{date.month:02d}", f"{date.day:02d}"
    # a compact date may be followed by the time of a DICOM DT
    yield rf"{year}{mm}{dd}(?:[0-2]\d[0-5]\d(?:[0-5]\d(?:\.\d{{1,6}})?)?)?"
    for order in ((mm, dd, year), (dd, mm, year), (short, mm, dd), (mm, dd, short),
                  (dd, mm, short)):  # fmt: skip
        yield "".join(order)
    word, ordinal = _month_name_expression(date.month), r"(?:st|nd|rd|th|er|\.|o)?"
    of = r"[\s.,/_-]{0,3}(?:(?:of|de|del|den)\s+)?(?:the\s+)?"
    rest = rf"(?:{of}{y})?"
    yield rf"{d}{ordinal}{of}{word}\.?{rest}"
    yield rf"(?<![a-z]){word}\.?{of}{d}{ordinal}{rest}"
    yield rf"{y}{gap}{word}\.?{gap}{d}"


def date_expression(date: datetime.date) -> str:
    """Return an expression over folded text that finds a date outside longer numbers."""
    return r"(?<!\d)(?<!\d[./])(?:" + "|".join(_formats(date)) + r")(?!\d)"


def date_needles(dates: Iterable[datetime.date]) -> set[str]:
    """Return short strings, one of which is in every text that the expressions can match."""
    needles: set[str] = set()
    for date in dates:
        needles.add(f"{date.year % 100:02d}")
        for names in calendar_names().forms["months"].values():
            needles.update(fold_text(form) for form in names[date.month - 1])
    return needles
