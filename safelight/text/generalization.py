"""Coarser values: age bands, ZIP codes of three digits, years (45 CFR 164.514(b)(2)(i))."""

from __future__ import annotations

import datetime
import re
from functools import cache

from safelight.text.dates.written_dates import parse_date_text, shift_date_text
from safelight.text.lexicon.words import read_list

#: Ages over this many years are one class (45 CFR 164.514(b)(2)(i)(C)).
OLDEST_AGE = 89

_NUMBER = re.compile(r"[0-9]+")
_MONTHS_OR_DAYS = re.compile(
    r"(?i)\b(?:months?|mos?|weeks?|wks?|days?|hours?|meses|mes|monate?|mois)\b|[0-9](?:m|w|d|mo)\b"
)
_OVER_89 = re.compile(r"(?i)ninet|hundred|nonagenarian|centenarian|90[’']?s")


@cache
def restricted_zip3() -> frozenset[str]:
    """Prefixes with 20,000 people or fewer: by the censuses of 2000, 2010 and 2020 together."""
    return frozenset(read_list("zip3_restricted.txt"))


def generalise_age(text: str) -> str | None:
    """A band of ten years, or ``90+``, in place of the number; ``None`` for other units."""
    if _OVER_89.search(text):
        return "90+"
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1 or _MONTHS_OR_DAYS.search(text):
        return None
    age = int(numbers[0])
    band = "90+" if age > OLDEST_AGE else f"{age // 10 * 10}-{age // 10 * 10 + 9}"
    return text.replace(numbers[0], band)


def generalise_zip(text: str) -> str | None:
    """The first three digits, or ``000`` where few people live, and asterisks."""
    digits = "".join(_NUMBER.findall(text))
    if len(digits) not in (5, 9) or any(map(str.isalpha, text)):
        return None
    prefix = digits[:3]
    return ("000" if prefix in restricted_zip3() else prefix) + "**"


def generalise_date(text: str) -> str | None:
    """The year alone; ``None`` when there is none."""
    parts = parse_date_text(text)
    return f"{parts.year:04d}" if parts and parts.year else None


def generalise_birth(text: str, days: int, day_first: bool | None = None) -> str | None:
    """The year of a birth date after the shift, years of people over 89 as one.

    Parameters
    ----------
    text : str
    days : int
        The patient's shift.
    day_first : bool, optional
        How ``03/04/1950`` is read.

    Returns
    -------
    str or None
        ``None`` where the text holds no year.
    """
    moved = shift_date_text(text, days, day_first)
    year = generalise_date(moved) if moved else None
    return None if year is None else f"{max(int(year), oldest_birth_year()):04d}"


def oldest_birth_year(year: int | None = None) -> int:
    """The year of birth that stands for all over 89 in a year, which is this one if not given."""
    return (year or datetime.date.today().year) - (OLDEST_AGE + 1)
