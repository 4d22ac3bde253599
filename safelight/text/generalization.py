"""Generalize values: ages to bands, ZIP codes to three digits, dates to years.

The limits are those of 45 CFR 164.514(b)(2)(i).
"""

from __future__ import annotations

import datetime
import re
from functools import cache

from safelight.text.dates.parsing import parse_date_text
from safelight.text.dates.shifting import shift_date_text
from safelight.text.lexicon.word_lists import read_list

#: All ages over this number of years form one class (45 CFR 164.514(b)(2)(i)(C)).
OLDEST_AGE = 89

_NUMBER = re.compile(r"[0-9]+")
_MONTHS_OR_DAYS = re.compile(
    r"(?i)\b(?:months?|mos?|weeks?|wks?|days?|hours?|meses|mes|monate?|mois)\b|[0-9](?:m|w|d|mo)\b"
)
_OVER_89 = re.compile(r"(?i)ninet|hundred|nonagenarian|centenarian|90[’']?s")


@cache
def restricted_zip3() -> frozenset[str]:
    """Return the ZIP prefixes with at most 20,000 people in the census of 2000, 2010 or 2020."""
    return frozenset(read_list("zip3_restricted.txt"))


def generalize_age(text: str) -> str | None:
    """Return an age with its number replaced by a band of ten years or ``90+``.

    Returns
    -------
    str or None
        None if the text has no single number, or if its unit is not the year.
    """
    if _OVER_89.search(text):
        return "90+"
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1 or _MONTHS_OR_DAYS.search(text):
        return None
    age = int(numbers[0])
    band = "90+" if age > OLDEST_AGE else f"{age // 10 * 10}-{age // 10 * 10 + 9}"
    return text.replace(numbers[0], band)


def generalize_zip(text: str) -> str | None:
    """Return the first three digits of a US ZIP code, or ``000`` for a restricted prefix.

    Returns
    -------
    str or None
        Three digits and two asterisks; None if the text is not a ZIP code of five or nine digits.
    """
    digits = "".join(_NUMBER.findall(text))
    if len(digits) not in (5, 9) or any(map(str.isalpha, text)):
        return None
    prefix = digits[:3]
    return ("000" if prefix in restricted_zip3() else prefix) + "**"


def generalize_date(text: str) -> str | None:
    """Return the year of a written date, or None if it has none."""
    parts = parse_date_text(text)
    return f"{parts.year:04d}" if parts and parts.year else None


def generalize_birth(text: str, days: int, day_first: bool | None = None) -> str | None:
    """Return the shifted year of a birth date; all years of people over 89 become one year.

    Parameters
    ----------
    text : str
        Written birth date.
    days : int
        Date shift of the patient in days.
    day_first : bool, optional
        Order of ``03/04/1950``.

    Returns
    -------
    str or None
        None if the text has no year.
    """
    shifted = shift_date_text(text, days, day_first)
    parts = parse_date_text(shifted, day_first) if shifted else None
    if parts is None or parts.year is None:
        return None
    year = parts.year
    if year > datetime.date.today().year:  # two digits: a birth is never in the future
        year -= 100
    return f"{max(year, oldest_birth_year()):04d}"


def oldest_birth_year(year: int | None = None) -> int:
    """Return the birth year that replaces those of everyone over 89 in a year (default: now)."""
    return (year or datetime.date.today().year) - (OLDEST_AGE + 1)
