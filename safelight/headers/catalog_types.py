"""Convert de-identified values of the ``catalog`` table to dates and numbers.

The typed columns say no more than the columns of text that they are made from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Optional, Union

from pydicom.uid import UID

#: Value of a column.
CatalogValue = Union[int, float, str, date, None]

#: Days of the units of an age (PS3.5, Table 6.2-1, VR AS).
_DAYS_PER_UNIT = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}
_AGE_CHARACTERS = 4

#: Forms of a date by their length (PS3.5, Table 6.2-1, VR DA).
_FORMS_OF_DATES = {len("20260101"): "%Y%m%d", len("2026.01.01"): "%Y.%m.%d"}


@lru_cache(maxsize=4096)
def parse_day(text: str) -> Optional[date]:
    """Return a date of the VR DA, also in its earlier form 2026.01.01; None if it is not valid."""
    form = _FORMS_OF_DATES.get(len(text))
    try:
        return datetime.strptime(text, form).date() if form else None
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def parse_age_years(text: str) -> Optional[float]:
    """Return an age of the VR AS in years; None if it is not valid."""
    unit = _DAYS_PER_UNIT.get(text[-1:])
    if unit is None or len(text) != _AGE_CHARACTERS or not text[:-1].isdecimal():
        return None
    return round(int(text[:-1]) * unit / _DAYS_PER_UNIT["Y"], 2)


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Optional[float]:
    """Return a number of the VR DS; None if it is not valid."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _parse_first(text: str) -> Optional[float]:
    return parse_number(text.partition("\\")[0])


def _parse_second(text: str) -> Optional[float]:
    return parse_number(text.partition("\\")[2])


#: Source column and conversion by typed column. The first value of Pixel Spacing is the distance
#: between rows, the second one that between columns (PS3.3, 10.7.1.3).
TYPED_COLUMNS: dict[str, tuple[str, Callable[[str], CatalogValue]]] = {
    "study_day": ("study_date", parse_day),
    "series_day": ("series_date", parse_day),
    "acquisition_day": ("acquisition_date", parse_day),
    "patient_age_years": ("patient_age", parse_age_years),
    "slice_thickness_mm": ("slice_thickness", parse_number),
    "row_spacing_mm": ("pixel_spacing", _parse_first),
    "column_spacing_mm": ("pixel_spacing", _parse_second),
}


@lru_cache(maxsize=256)
def name_sop_class(uid: str) -> str:
    """Return the name of a SOP class of the standard; empty for a private one."""
    name = UID(uid).name
    return "" if name == uid else name


def type_values(row: Mapping[str, CatalogValue]) -> dict[str, CatalogValue]:
    """Return the typed columns of a row.

    Parameters
    ----------
    row : mapping of str to int, float, str, date or None
        Values by column.
    """
    return {
        column: parse(value) if isinstance(value := row[source], str) else None
        for column, (source, parse) in TYPED_COLUMNS.items()
    }
