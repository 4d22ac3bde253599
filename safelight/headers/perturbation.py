"""Add keyed noise to times, ages and numbers: the action ``perturb`` of a rules file."""

from __future__ import annotations

import math
import re

from safelight.dicom.encoding import NUMBER_LAYOUTS
from safelight.headers.date_shift import shift_date
from safelight.headers.new_values import cap_age
from safelight.headers.value_transformations import read_decimal
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.rules.action_parameters import ActionParameters

_SECONDS_PER_DAY = 86_400
_TIME = re.compile(
    r"(?P<hour>[01]\d|2[0-3])(?:(?P<colon>:?)(?P<minute>[0-5]\d)"
    r"(?:(?P=colon)(?P<second>[0-5]\d|60)(?P<fraction>\.\d{1,6})?)?)?"
)
_DATE_TIME = re.compile(r"(?P<date>\d{8})(?P<time>\d{2}[0-9.]*)?(?P<zone>[+-]\d{4})?")
_AGE = re.compile(r"(\d{3})([DWMY])")
_DAYS_BY_AGE_UNIT = {"D": 1.0, "W": 7.0, "M": 30.44, "Y": 365.25}

#: Steps of the noise: the fraction of its range is a multiple of one.
_STEPS = 2**53

#: Characters of a DS value (PS3.5, table 6.2-1).
_MAX_DECIMAL_CHARACTERS = 16

#: Places that the noise of a number has at least, in relation to the width of its range.
_PLACES_OF_RANGE = 2


class Perturbation:
    """Noise of one patient: the same in all objects, so that it cannot be averaged out.

    All times of a patient get one number of seconds, so that the intervals between them remain.

    Parameters
    ----------
    patient : Patient
    pseudonyms : Pseudonyms
        Derives the noise.
    """

    def __init__(self, patient: Patient, pseudonyms: Pseudonyms):
        self._patient = patient
        self._pseudonyms = pseudonyms

    def apply(self, value: str, tag: int, vr: str, parameters: ActionParameters) -> str | None:
        """Return a value with noise; None if it is neither a time, an age nor a number.

        Parameters
        ----------
        value : str
            One value, decoded. PHI.
        tag : int
        vr : str
            The noise is in seconds for TM and DT, in days for AS, else in the unit of the value.
        parameters : ActionParameters
            Parameters of ``perturb``.
        """
        stripped = value.strip(" \0")
        if not stripped:
            return value
        if vr in ("TM", "DT"):
            return self._move_time(stripped, vr, parameters)
        if vr == "AS":
            return self._move_age(stripped, parameters)
        return self._move_number(stripped, tag, vr, parameters)

    def _draw(self, place: str, parameters: ActionParameters) -> float:
        """Return a number of the range, which the key, the patient and the place determine."""
        key = f"{self._patient.identity}\x1f{place}"
        fraction = self._pseudonyms.number("perturb", key, _STEPS) / _STEPS
        return parameters.first + fraction * (parameters.last - parameters.first)

    def _draw_whole(self, place: str, parameters: ActionParameters) -> int:
        """Return a whole number of the range other than 0."""
        number = round(self._draw(place, parameters))
        return number or (1 if parameters.last >= 1 else -1)

    def _move_time(self, value: str, vr: str, parameters: ActionParameters) -> str | None:
        if parameters.is_percent:
            return None
        seconds = self._draw_whole("TM", parameters)
        if vr == "DT":
            return _shift_date_time(value, self._patient.shift_days, seconds)
        ends = [_shift_time(end.strip(), seconds)[0] if end else "" for end in value.split("-")]
        if len(ends) > 2 or any(end is None for end in ends):
            return None
        return "-".join(end or "" for end in ends)

    def _move_age(self, value: str, parameters: ActionParameters) -> str | None:
        match = _AGE.fullmatch(value.upper())
        if match is None:
            return None
        number, unit = int(match[1]), match[2]
        noise = self._draw("AS", parameters)
        if parameters.is_percent:
            moved = number * (1 + noise / 100)
        else:
            moved = number + noise / _DAYS_BY_AGE_UNIT[unit]
        return cap_age(f"{min(max(round(moved), 0), 999):03d}{unit}")

    def _move_number(
        self, value: str, tag: int, vr: str, parameters: ActionParameters
    ) -> str | None:
        number = read_decimal(value)
        if number is None or vr not in NUMBER_LAYOUTS and vr not in ("DS", "IS"):
            return None
        noise = self._draw(f"{tag:08X}", parameters)
        width = parameters.last - parameters.first
        if parameters.is_percent:
            noise, width = number * noise / 100, abs(number) * width / 100
        if vr not in ("DS", "FD", "FL"):
            moved = round(number + noise)
            return str(max(moved, 0) if vr.startswith("U") else moved)
        written = value.partition(".")[2]
        places = len(written) if written.isdigit() else 0
        if 0 < width < 10**_PLACES_OF_RANGE:
            places = max(places, _PLACES_OF_RANGE - math.floor(math.log10(width)))
        return f"{round(number + noise, places):.10g}"[:_MAX_DECIMAL_CHARACTERS]


def _shift_time(text: str, seconds: int) -> tuple[str | None, int]:
    """Return a time of day that is moved, and the change of the date in days.

    The time has the precision of the text, without the retired colons. It is None for other
    texts. A time of zero stays: where a time is unknown, it is often written so, and moved it
    would show the number of seconds.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None, 0
    if not text.strip("0:."):
        return text, 0
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    days, moved = divmod(hour * 3600 + minute * 60 + second + seconds, _SECONDS_PER_DAY)
    written = f"{moved // 3600:02d}"
    if match["minute"]:
        written += f"{moved // 60 % 60:02d}"
    if match["second"]:
        written += f"{moved % 60:02d}"
    return written + (match["fraction"] or ""), days


def _shift_date_time(text: str, days: int, seconds: int) -> str | None:
    """Return a date-time that is moved by the days of the patient and by seconds."""
    match = _DATE_TIME.fullmatch(text)
    if match is None or not match["time"]:
        return shift_date(text, days)
    time, more_days = _shift_time(match["time"], seconds)
    moved = shift_date(match["date"], days + more_days)
    if time is None or moved is None:
        return None
    return moved + time + (match["zone"] or "")
