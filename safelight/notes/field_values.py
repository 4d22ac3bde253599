"""New values for dates and numbers in fields of records."""

from __future__ import annotations

import re
from typing import Optional

from safelight.headers.date_shift import shift_date
from safelight.headers.new_values import cap_age as cap_coded_age
from safelight.text.dates.parsing import parse_date_text
from safelight.text.dates.shifting import shift_date_text
from safelight.text.generalization import OLDEST_AGE, generalize_age

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?%?")

#: From this many digits on a number may be an identifier, a telephone number or a time.
IDENTIFIER_DIGITS = 7


def is_number(text: str) -> bool:
    """Whether a value is written as one number."""
    return len(text) < 40 and _NUMBER.fullmatch(text.strip()) is not None


def is_short_number(text: str) -> bool:
    """Whether a value is a number too short to identify anyone.

    Digits after the decimal separator do not count: they are a measurement's.
    """
    whole = re.split(r"[.,eE]", text, maxsplit=1)[0]
    return is_number(text) and sum(map(str.isdigit, whole)) < IDENTIFIER_DIGITS


def move_date(text: str, days: int) -> Optional[str]:
    """A date or date-time of any written form, moved by whole days; ``None`` if it is none.

    The forms of DICOM and HL7v2 (``20200131``, ``20200131101500-0500``) are tried first.
    """
    compact = text.strip()
    if compact[:4].isdigit() and (len(compact) in (4, 6) or compact[:8].isdigit()):
        moved = shift_date(compact, days)
        if moved is not None:
            return moved
    return shift_date_text(text, days)


def birth_year(text: str, days: int, oldest: int) -> Optional[str]:
    """The year of a birth date after the shift; years before ``oldest`` are given as it."""
    moved = move_date(text, days)
    parts = parse_date_text(moved) if moved else None
    if parts is None or parts.year is None:
        return None
    return f"{max(parts.year, oldest):04d}"


def cap_age(text: str) -> Optional[str]:
    """An age with everything over 89 years as 90; ``None`` where it cannot be told."""
    text = text.strip()
    if is_number(text):
        return "90" if float(text.replace(",", ".").rstrip("%")) > OLDEST_AGE else text
    coded = cap_coded_age(text)
    return coded if coded is not None else generalize_age(text)
