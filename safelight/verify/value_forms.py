"""Check that values have the form that rules give them: rounded, in bands, shortened or reduced."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_AGE = re.compile(r"(\d{3})([DWMY])")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_BAND = re.compile(r"([+-]?[\d.]+)-[+-]?[\d.]+")

#: Age that represents all ages above 89 years.
_OLDEST_AGE = "090Y"
#: Largest difference from a multiple, as a part of the step.
_TOLERANCE = 1e-6
#: Initials of a name or of the words of a text, without separators.
_INITIALS = re.compile(r"[^\s^=,]{0,16}")

#: Dates of a precision: the first day of a period, or a DT without the parts that it lacks.
_REDUCED_DATES = {
    "unknown": re.compile(r".+"),
    "year": re.compile(r"\d{4}(?:0101)?"),
    "quarter": re.compile(r"\d{4}(?:(?:01|04|07|10)(?:01)?)?"),
    "month": re.compile(r"\d{4}(?:\d{2}(?:01)?)?"),
}


@dataclass(frozen=True)
class ValueForm:
    """Form of the values of an attribute.

    Attributes
    ----------
    action : str
        ``round``, ``band``, ``truncate``, ``upper``, ``lower``, ``initials`` or ``date``.
    step : float
        Number of which rounded numbers and lower bounds of bands are multiples.
    length : int
        Longest shortened text, in characters.
    precision : str
        Precision of dates.
    """

    action: str
    step: float = 0.0
    length: int = 0
    precision: str = ""

    def is_met_by(self, text: str) -> bool:
        """Return whether a value has the form.

        Parameters
        ----------
        text : str
            One value that is not empty, without padding.
        """
        return _FORMS[self.action](self, text)


def is_reduced_date(text: str, precision: str) -> bool:
    """Return whether a date has no more than a precision.

    Parameters
    ----------
    text : str
        Value of DA or DT.
    precision : str
        ``year``, ``quarter``, ``month`` or ``unknown``; dates have no other one.
    """
    pattern = _REDUCED_DATES.get(precision)
    return pattern is not None and pattern.fullmatch(text) is not None


def _is_multiple(form: ValueForm, text: str) -> bool:
    """Return whether a number or an age is a multiple of the step."""
    age = _AGE.fullmatch(text)
    if text == _OLDEST_AGE or not form.step:
        return True
    number = age[1] if age else text
    if not _NUMBER.fullmatch(number):
        return False
    quotient = float(number) / form.step
    return abs(quotient - round(quotient)) <= _TOLERANCE * max(1.0, abs(quotient))


def _is_band(form: ValueForm, text: str) -> bool:
    """Return whether an age, a number or the first bound of a text is a multiple of the step."""
    age, band = _AGE.fullmatch(text), _BAND.fullmatch(text)
    if age and age[2] != "Y":
        return False
    return _is_multiple(form, band[1] if band else text)


_FORMS: dict[str, Callable[[ValueForm, str], bool]] = {
    "round": _is_multiple,
    "band": _is_band,
    "truncate": lambda form, text: len(text) <= form.length,
    "upper": lambda _, text: text == text.upper(),
    "lower": lambda _, text: text == text.lower(),
    "initials": lambda _, text: _INITIALS.fullmatch(text) is not None and text == text.upper(),
    "date": lambda form, text: is_reduced_date(text, form.precision),
}
