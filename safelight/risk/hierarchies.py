"""Generalise values of quasi-identifiers by levels: the hierarchies of a release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Optional

#: Age in years from which ages are one category (HIPAA, 45 CFR 164.514(b)(2)(i)(C)).
OLDEST_AGE_YEARS: Final = 90

_AGE = re.compile(r"(?P<number>\d{1,3})(?P<unit>[DWMY])")
_DATE = re.compile(r"(?P<year>\d{4})(?P<month>0[1-9]|1[0-2])\d{2}")
_YEARS_PER_UNIT: Final = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}


@dataclass(frozen=True)
class Hierarchy:
    """Levels of one quasi-identifier; level 0 keeps the value, the last one removes it.

    Attributes
    ----------
    kind : str
        ``age`` (bands of years), ``number`` (bands), ``date`` (bands of months) or ``value`` (keep
        or remove).
    widths : tuple of int
        Widths of the bands of the levels between the first and the last one.
    """

    kind: str
    widths: tuple[int, ...] = ()

    @property
    def last_level(self) -> int:
        """Level that removes the value."""
        return len(self.widths) + 1


#: Columns of dates. One precision holds for all dates of a release, the lowest one of them.
DATE_COLUMNS: Final = ("study_date", "series_date", "acquisition_date")

_DATES: Final = Hierarchy("date", (1, 3, 12))  # month, quarter, year

#: Hierarchy by column of ``catalog``. A column without one cannot be generalised.
HIERARCHIES: Mapping[str, Hierarchy] = {
    "patient_age": Hierarchy("age", (5, 10, 20)),
    "patient_sex": Hierarchy("value"),
    "ethnic_group": Hierarchy("value"),
    "patient_size": Hierarchy("number", (10, 20)),  # centimetres
    "patient_weight": Hierarchy("number", (10, 20)),  # kilograms
    "region_of_residence": Hierarchy("value"),
    "body_part_examined": Hierarchy("value"),
    "manufacturer_model_name": Hierarchy("value"),
    **dict.fromkeys(DATE_COLUMNS, _DATES),
}


#: Units of the bands of a column.
_UNITS: Final = {"patient_age": "years", "patient_size": "cm", "patient_weight": "kg"}

#: Description of a precision of dates by its width in months.
_DATE_WORDS: Final = {1: "month", 3: "quarter", 12: "year"}


def describe_level(column: str, level: int) -> str:
    """Return a level of generalisation in words, such as ``bands of 5 years``.

    Parameters
    ----------
    column : str
        Column of ``catalog``.
    level : int
        See :func:`generalise`.
    """
    hierarchy = HIERARCHIES.get(column)
    if level == 0 or hierarchy is None:
        return "not generalised"
    if level >= hierarchy.last_level:
        return "removed"
    width = hierarchy.widths[level - 1]
    if hierarchy.kind == "date":
        return f"first day of the {_DATE_WORDS[width]}"
    oldest = f", one from {OLDEST_AGE_YEARS // width * width}" if hierarchy.kind == "age" else ""
    return f"bands of {width} {_UNITS[column]}{oldest}"


def generalise(column: str, level: int, value: Optional[str]) -> Optional[str]:
    """Return a value at a level of the hierarchy of its column.

    Parameters
    ----------
    column : str
        Column of ``catalog``.
    level : int
        0 keeps the value; :attr:`Hierarchy.last_level` removes it.
    value : str, optional
        Value of the column; ages as in DICOM (``045Y``).

    Returns
    -------
    str or None
        The generalised value, valid for the VR of the attribute: the lower bound of a band. None
        if the value is removed, or is not valid for its kind.
    """
    hierarchy = HIERARCHIES.get(column)
    if value is None or not value.strip() or level == 0 or hierarchy is None:
        return value
    if level >= hierarchy.last_level:
        return None
    if hierarchy.kind == "date":
        return generalise_date(value, level)
    width = hierarchy.widths[level - 1]
    if hierarchy.kind == "age":
        return _generalise_age(value, width)
    try:
        number = float(value)
    except ValueError:
        return None
    if column == "patient_size":  # metres in DICOM
        return f"{int(round(number * 100, 6) // width * width) / 100:.2f}"
    return str(int(number // width * width))


def generalise_date(value: str, level: int) -> Optional[str]:
    """Return a date of the VR DA or DT at a level of the hierarchy of dates.

    Parameters
    ----------
    value : str
        ``YYYYMMDD``, with a time and a zone if its VR is DT.
    level : int
        0 keeps the value, then come the first day of the month, of the quarter and of the year.

    Returns
    -------
    str or None
        The first day of the band, with the time as it was; None if the date is removed, or is not
        complete.
    """
    if level == 0:
        return value
    match = _DATE.match(value.strip())
    if level >= _DATES.last_level or match is None:
        return None
    width, month = _DATES.widths[level - 1], int(match["month"])
    first = (month - 1) // width * width + 1
    return f"{match['year']}{first:02d}01{value.strip()[8:]}"


def _generalise_age(value: str, width: int) -> Optional[str]:
    """Return the lower bound of the band of an age; the last from :data:`OLDEST_AGE_YEARS`."""
    match = _AGE.fullmatch(value.strip())
    if match is None:
        return None
    years = min(int(int(match["number"]) * _YEARS_PER_UNIT[match["unit"]]), OLDEST_AGE_YEARS)
    return f"{years // width * width:03d}Y"
