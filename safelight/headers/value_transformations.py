"""Functions of a rules file that change a value: bands, rounding, shortening, patterns."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from safelight.dicom.encoding import NUMBER_LAYOUTS
from safelight.headers.date_shift import CONSTANT_DATES
from safelight.headers.new_values import cap_age
from safelight.rules.action_parameters import ActionParameters, Precision
from safelight.rules.linear_patterns import substitute
from safelight.text.generalization import OLDEST_AGE

_DATE = re.compile(
    r"(?P<year>\d{4})(?:\.?(?P<month>0[1-9]|1[0-2])(?:\.?(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?P<time>\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?)?)?(?:[+-]\d{4})?"
)
_AGE = re.compile(r"(\d{1,3})([DWMY])")
_YEARS_BY_AGE_UNIT = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?")

#: A value of another VR is a date only if it has at least the length of ``YYYYMMDD``.
_MIN_UNTYPED_DATE_CHARACTERS = 8

#: Characters of a DS value (PS3.5, table 6.2-1).
_MAX_DECIMAL_CHARACTERS = 16


def transform_value(value: str, vr: str, parameters: ActionParameters) -> str | None:
    """Return the new value; None if the function cannot be applied to the value.

    Parameters
    ----------
    value : str
        One value, decoded. PHI.
    vr : str
    parameters : ActionParameters
        Parameters of a :data:`~safelight.rules.action_parameters.Transformation`.
    """
    stripped = value.strip(" \0")
    return _FUNCTIONS[parameters.action](stripped, vr, parameters) if stripped else value


def generalise_date(value: str, vr: str, precision: Precision) -> str | None:
    """Return the first day of the year, quarter or month of a date; of a date-time the date.

    Parameters
    ----------
    value : str
        One value of DA or DT.
    vr : str
        A DT of a year or a month stays without month or day.
    precision : str
    """
    value = value.strip(" \0")
    if vr == "TM" or (vr not in ("DA", "DT") and len(value) < _MIN_UNTYPED_DATE_CHARACTERS):
        return None
    if value in CONSTANT_DATES:
        return value
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = match["year"], match["month"], match["day"]
    if precision == "day":
        return year + (month or "") + (day or "")
    if precision == "year" or month is None:
        return year if vr == "DT" else f"{year}0101"
    if precision == "quarter":
        month = f"{(int(month) - 1) // 3 * 3 + 1:02d}"
    return f"{year}{month}" if vr == "DT" else f"{year}{month}01"


def _generalise(value: str, vr: str, parameters: ActionParameters) -> str | None:
    for precision in ("year", "quarter", "month", "day"):
        if parameters.to == precision:
            return generalise_date(value, vr, precision)
    return _put_into_band(value, vr, parameters.step)


def _put_into_band(value: str, vr: str, width: float) -> str | None:
    """Return the lower bound of the band of an age or number; both bounds in a text."""
    if vr == "AS":
        years = _read_years(value)
        if years is None or years > OLDEST_AGE:
            return None if years is None else "090Y"
        return f"{int(math.floor(math.floor(years) / width) * width):03d}Y"
    number = read_decimal(value)
    if number is None:
        return None
    lower = math.floor(number / width) * width
    if vr in NUMBER_LAYOUTS or vr in ("IS", "DS"):
        return _format_number(lower, vr)
    return f"{_format_number(lower, 'DS')}-{_format_number(lower + width, 'DS')}"


def _round(value: str, vr: str, parameters: ActionParameters) -> str | None:
    """Return the nearest multiple of a number; halves are rounded up."""
    if vr == "AS":
        match = _AGE.fullmatch(value.upper())
        if match is None:
            return None
        rounded = math.floor(int(match[1]) / parameters.step + 0.5) * parameters.step
        return cap_age(f"{min(int(rounded), 999):03d}{match[2]}")
    number = read_decimal(value)
    if number is None:
        return None
    return _format_number(math.floor(number / parameters.step + 0.5) * parameters.step, vr)


def _truncate(value: str, _vr: str, parameters: ActionParameters) -> str:
    return value[: parameters.length].rstrip(" ^=")


def _replace_pattern(value: str, _vr: str, parameters: ActionParameters) -> str:
    return substitute(parameters.pattern, parameters.replacement, value)


def _make_initials(value: str, vr: str, _parameters: ActionParameters) -> str:
    """Return the initials: of a name in the order given, middle, family; else of the words."""
    if vr != "PN":
        return "".join(word[0] for word in re.findall(r"\w+", value)).upper()
    family, *others = value.partition("=")[0].split("^")[:3]
    words = [word for part in (*others, family) for word in part.split()]
    return "".join(word[0] for word in words).upper()


def _read_years(value: str) -> float | None:
    """Return an age in years."""
    match = _AGE.fullmatch(value.upper())
    return int(match[1]) * _YEARS_BY_AGE_UNIT[match[2]] if match else None


def read_decimal(value: str) -> float | None:
    """Return a finite number in decimal notation, or None.

    Parameters
    ----------
    value : str
        One value without white space.
    """
    if not _NUMBER.fullmatch(value):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _format_number(number: float, vr: str) -> str:
    """Return a number as text; a whole one without decimals."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    if vr == "IS" or (vr in NUMBER_LAYOUTS and vr not in ("FD", "FL")):
        return str(int(number))
    return f"{number:.10g}"[:_MAX_DECIMAL_CHARACTERS]


_FUNCTIONS: dict[str, Callable[[str, str, ActionParameters], str | None]] = {
    "generalise": _generalise,
    "round": _round,
    "truncate": _truncate,
    "regex": _replace_pattern,
    "upper": lambda value, _vr, _parameters: value.upper(),
    "lower": lambda value, _vr, _parameters: value.lower(),
    "initials": _make_initials,
}
