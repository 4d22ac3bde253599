"""Convert dates, ages and numbers in fields of records."""

from __future__ import annotations

import re
from typing import Optional

from safelight.headers.date_shift import CONSTANT_DATES
from safelight.headers.date_shift import shift_date as shift_coded_date
from safelight.headers.new_values import cap_age as cap_coded_age
from safelight.text.dates.parsing import parse_date_text
from safelight.text.dates.shifting import shift_date_text
from safelight.text.generalization import OLDEST_AGE, generalize_age

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?%?")
_MAX_NUMBER_CHARACTERS = 39

#: Date of ISO 8601 at the start of a date or date-time.
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?![\d/-])")

#: A number of this many digits may be an identifier, a telephone number or a time.
IDENTIFIER_DIGITS = 7


def is_number(text: str) -> bool:
    """Return whether a value is one number."""
    return len(text) <= _MAX_NUMBER_CHARACTERS and _NUMBER.fullmatch(text.strip()) is not None


def is_short_number(text: str) -> bool:
    """Return whether a value is a number too short to identify a person.

    Digits after the decimal separator do not count: they belong to measurements.
    """
    whole = re.split(r"[.,eE]", text, maxsplit=1)[0]
    return is_number(text) and sum(map(str.isdigit, whole)) < IDENTIFIER_DIGITS


def shift_date(text: str, days: int, day_first: Optional[bool] = None) -> Optional[str]:
    """Return a date or date-time of any written form, shifted by days; ``None`` for other text.

    The forms of DICOM and HL7 v2 (``20200131``, ``20200131101500-0500``) are tried first.

    Parameters
    ----------
    text : str
        One date or date-time, or a range of two.
    days : int
        Number of whole days to add; may be negative.
    day_first : bool, optional
        Order of ``03/04/2020``.

    Returns
    -------
    str or None
        Shifted value in the format of ``text``. A placeholder such as ``19000101`` or
        ``1900-01-01`` is not shifted, because it would reveal the shift.
    """
    compact = text.strip()
    iso = _ISO_DATE.match(compact)
    if iso and "".join(iso.groups()) in CONSTANT_DATES:
        return text
    if compact[:4].isdigit() and (len(compact) in (4, 6) or compact[:8].isdigit()):
        shifted = shift_coded_date(compact, days)
        if shifted is not None:
            return shifted
    return shift_date_text(text, days, day_first)


def shifted_birth_year(text: str, days: int, oldest: int) -> Optional[str]:
    """Return the year of a shifted birth date, at least ``oldest``; ``None`` for other text.

    Parameters
    ----------
    text : str
        Birth date in any written form.
    days : int
        Number of whole days to add before the year is read; may be negative.
    oldest : int
        Earliest year to return.

    Returns
    -------
    str or None
        Year of four digits; ``None`` if the text is not a date or has no year.
    """
    shifted = shift_date(text, days)
    parts = parse_date_text(shifted) if shifted else None
    if parts is None or parts.year is None:
        return None
    return f"{max(parts.year, oldest):04d}"


def cap_age(text: str) -> Optional[str]:
    """Return an age, 90 for ages over 89 years; ``None`` for text that is not an age."""
    text = text.strip()
    if is_number(text):
        return "90" if float(text.replace(",", ".").rstrip("%")) > OLDEST_AGE else text
    coded = cap_coded_age(text)
    return coded if coded is not None else generalize_age(text)
