"""Neutralize formulas in CSV files, which spreadsheets run when a file is opened.

OWASP, "CSV Injection": a field that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage
return may be a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: A sign begins numbers and items of lists as well. It is left there unless it begins a call of a
#: function, or a link to another program.
_FORMULA = re.compile(
    r"[=@\t\r]|[+-](?:\S{0,40}?[A-Za-z][A-Za-z0-9.]{0,20}\(|[^\n|]{0,200}\|[^\n]*!)"
)


def neutralize_formula(value: str) -> str:
    """Return a field of a CSV file with an apostrophe before it if it may be a formula.

    Numbers, dates and text that begin with a sign are unchanged.

    Parameters
    ----------
    value : str
        Field of a CSV file.
    """
    start = value.lstrip(" \n\u00a0")
    return f"'{value}" if _FORMULA.match(start) else value


def neutralize_row(values: Iterable[object]) -> list[object]:
    """Return a row of a CSV file whose texts are not formulas; other values are unchanged.

    Parameters
    ----------
    values : iterable
        Fields of the row.
    """
    return [neutralize_formula(value) if isinstance(value, str) else value for value in values]


def restore_formula(value: str) -> str:
    """Return a field as it was before :func:`neutralize_formula`.

    Parameters
    ----------
    value : str
        Field of a CSV file that was neutralized. A field that already had the apostrophe loses it.
    """
    original = value.removeprefix("'")
    return original if neutralize_formula(original) == value else value
