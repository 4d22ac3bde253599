"""Recognize a dose in gray and its number of fractions (``30/10``), which look like a date."""

from __future__ import annotations

import re

#: Usual courses of radiotherapy: dose in gray and number of fractions, of which the numbers could
#: be a day and a month.
_COURSES = frozenset(
    "8/1 10/1 12/1 16/2 20/4 20/5 24/2 24/3 25/5 26/5 27/3 30/3 30/5 30/6 30/10".split()
)
_REGION_BEFORE = re.compile(
    r"\b(?:whole brain|wbrt|brain|x?rt|sbrt|srs|sabr|imrt|vmat|radiation|radiotherapy|palliative|"
    r"palliation|boost|dose|ptv|ctv|gtv|plan|hdr|brachy\w*|spine|femur|pelvis|breast|bone)"
    r"[ :,=(]{1,2}\Z",
    re.I,
)
_UNIT_AFTER = re.compile(r" ?(?:gy\b|fx\b|fractions?\b|frac\b|#)", re.I)
_REACH_CHARACTERS = 24


def is_dose_fraction(text: str, begin: int, end: int) -> bool:
    """Return whether a value is a usual dose and number of fractions, with evidence around it.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of two numbers with a slash in code points; ``end`` is exclusive.
    """
    if text[begin:end] not in _COURSES:
        return False
    if _UNIT_AFTER.match(text, end):
        return True
    return _REGION_BEFORE.search(text, max(0, begin - _REACH_CHARACTERS), begin) is not None
