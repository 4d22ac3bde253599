"""Shift the dates and times of one recipient, except those that do not come from the object.

A shift can be read from a date whose value before the shift is known: a placeholder, a literal of
the rules, or the first day of a period to which the rules have reduced a date. So placeholders and
literals stay as they are, and a reduced date is shifted by whole periods. A literal that the rules
write under a condition is removed: it would link the few patients that have it in two releases.
"""

from __future__ import annotations

import re
from typing import Final, Optional, Protocol

from safelight.headers.content_dates import CONTENT_DATE_TAGS
from safelight.headers.date_shift import CONSTANT_DATES, shift_date
from safelight.releases.attribute_treatment import Treatment
from safelight.releases.time_shift import shift_time, shift_time_of_date_time
from safelight.releases.treatment import ReleaseTreatment
from safelight.risk.hierarchies import HIERARCHIES
from safelight.rules.written_dates import UNKNOWN_PRECISION

_HIERARCHY: Final = HIERARCHIES["study_date"]

#: Level of generalisation by precision of the rules.
_LEVEL_BY_PRECISION: Final = {
    "day": 0, "month": 1, "quarter": 2, "year": 3, UNKNOWN_PRECISION: _HIERARCHY.last_level
}  # fmt: skip

#: Birth dates, of which the first pass may have left the year: Patient's Birth Date and, in a
#: content tree, DateTime and Date.
_BIRTH_DATE_TAGS: Final = CONTENT_DATE_TAGS | {0x00100030}
_DATE_CHARACTERS: Final = 8
_FIRST_DAY: Final = "0101"

#: A hyphen that does not begin the offset from UTC (PS3.5, 6.2).
_RANGE: Final = re.compile(r"-(?!(?:0\d|1[0-4])[0-5]\d\Z)")

_PERIOD: Final = re.compile(
    r"(?P<year>\d{4})(?:\.?(?P<month>\d\d)(?:\.?(?P<day>\d\d))?)?(?P<rest>(?:\d[\d.]*)?(?:[+-]\d{4})?)"
)
_MONTHS_PER_YEAR: Final = 12
_DAYS_PER_MONTH: Final = 365.2425 / 12
_LAST_YEAR: Final = 9999


class PatientShifts(Protocol):
    """Shifts of the patients for one recipient."""

    def shift_days(self, pseudonym: str) -> int:
        """Return the days that are added to the dates of a patient."""

    def time_shift(self, pseudonym: str) -> int:
        """Return the microseconds that are added to the times of day of a patient."""


class DateRewriter:
    """Rewrite the dates and times of a release.

    Parameters
    ----------
    shifts : PatientShifts
        Shifts of the recipient.
    treatment : ReleaseTreatment
        Decisions of the release.
    """

    def __init__(self, shifts: PatientShifts, treatment: ReleaseTreatment):
        self._shifts = shifts
        self._written = treatment.written_dates
        self._level = treatment.date_level

    def rewrite(
        self, value: str, tag: int, vr: str, treatment: Treatment, patient: str
    ) -> Optional[str]:
        """Return the new value; None to remove the element.

        Parameters
        ----------
        value : str
            One value of the de-identified object.
        tag : int
        vr : str
            ``DA``, ``DT`` or ``TM``.
        treatment : Treatment
            ``DATE``, ``TIME`` or ``SHARED_DATE``.
        patient : str
            Pseudonym of the first pass.
        """
        text = value.strip()
        if self._is_constant(text, vr):
            return value
        if treatment is Treatment.SHARED_DATE or text in self._written.conditional:
            return None
        if treatment is Treatment.TIME:
            return shift_time(value, self._shifts.time_shift(patient)) or None
        return self._shift_date(value, tag, vr, patient)

    def _is_constant(self, text: str, vr: str) -> bool:
        """Return whether a value is a placeholder or a literal of the rules."""
        if text in self._written.literals:
            return True
        if vr == "TM":
            return not text.strip("0.:")
        return text[:_DATE_CHARACTERS] in CONSTANT_DATES

    def _shift_date(self, value: str, tag: int, vr: str, patient: str) -> Optional[str]:
        """Return the shifted date at the precision of the rules and of the release."""
        text, days = value.strip(), self._shifts.shift_days(patient)
        shifted = shift_date(text, days)
        if shifted is None or _RANGE.search(shifted):
            return None
        level = max(self._level, self._find_level(text, tag, vr))
        if level:
            shifted = shift_period(text, level, days)
        if shifted is None or vr == "DA":
            return shifted
        return shift_time_of_date_time(shifted, self._shifts.time_shift(patient))

    def _find_level(self, text: str, tag: int, vr: str) -> int:
        """Return the level to which the first pass may have generalised a date."""
        is_birth_year = tag in _BIRTH_DATE_TAGS and text[4:_DATE_CHARACTERS] == _FIRST_DAY
        precision = "year" if is_birth_year else self._written.find_precision(tag, vr)
        return _LEVEL_BY_PRECISION[precision]


def shift_period(text: str, level: int, days: int) -> Optional[str]:
    """Return the first day of the period of a date, shifted by the nearest number of periods.

    Parameters
    ----------
    text : str
        Date that :func:`~safelight.headers.date_shift.shift_date` can shift, and no range. A
        partial date stays partial.
    level : int
        Level of the hierarchy of dates: 1 for months, 2 for quarters, 3 for years.
    days : int
        Days of the shift.

    Returns
    -------
    str or None
        None if the level removes dates.
    """
    match = _PERIOD.fullmatch(text)
    if match is None or level >= _HIERARCHY.last_level:
        return None
    width = _HIERARCHY.widths[level - 1]
    first = (int(match["month"] or 1) - 1) // width * width
    moved = round(days / _DAYS_PER_MONTH / width) * width
    year, month = divmod(int(match["year"]) * _MONTHS_PER_YEAR + first + moved, _MONTHS_PER_YEAR)
    if not 0 < year <= _LAST_YEAR:
        return None
    shifted = f"{year:04d}"
    if match["month"]:
        shifted += f"{month + 1:02d}"
    return shifted + ("01" if match["day"] else "") + match["rest"]
