"""Parse written dates: numeric, with month names, ISO 8601 or DICOM, complete or partial."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from safelight.text.dates.tokens import Token, tokenize

#: Date or date time without separators (PS3.5 DA and DT): year, month, day and the rest.
COMPACT_DATE = re.compile(
    r"(\d{4})(\d{2})(\d{2})((?:[01]\d|2[0-3])[0-5]\d(?:[0-6]\d(?:\.\d{1,6})?)?(?:[+-]\d{4})?)?"
)
#: Longer text is not parsed as a date.
DATE_MAX_CHARACTERS = 120

#: Two-digit years from here on belong to the twentieth century (as in POSIX).
_CENTURY_PIVOT = 69


@dataclass(frozen=True)
class DateParts:
    """Year, month and day of a written date; None for a part that the text omits."""

    year: int | None
    month: int | None
    day: int | None


#: Parts of a lone weekday.
NO_PARTS = DateParts(None, None, None)


@dataclass(frozen=True)
class DateLayout:
    """Token indices of year, month and day; None for a part that the text omits."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True)
class ParsedDate:
    """Tokens of a written date with their meaning.

    Attributes
    ----------
    tokens : list of Token
        All tokens of the text.
    layout : DateLayout
        Token indices of the parts.
    parts : DateParts
        Values of the parts; the combination may be missing from the calendar.
    month_name : int or None
        Token index of the month if it is written as a name.
    """

    tokens: list[Token]
    layout: DateLayout
    parts: DateParts
    month_name: int | None


def parse_date_text(text: str, day_first: bool | None = None) -> DateParts | None:
    """Return year, month and day of a written date.

    Parameters
    ----------
    text : str
        One date, with or without weekday, time of day and year.
    day_first : bool, optional
        Order of ``03/04/2020``. If None, the day is first after full stops, and else the month,
        unless only the other order is possible.

    Returns
    -------
    DateParts or None
        None if the text is not a date of the calendar.
    """
    compact = COMPACT_DATE.fullmatch(text.strip())
    if compact:
        parts = DateParts(*map(int, compact.groups()[:3]))
    else:
        parsed = parse_tokens(text, day_first) if len(text) <= DATE_MAX_CHARACTERS else None
        if parsed is None:
            return None
        parts = parsed.parts
        if parts == NO_PARTS:
            return parts
    return parts if representative_date(parts) else None


def parse_tokens(text: str, day_first: bool | None, language: str = "") -> ParsedDate | None:
    """Return the tokens of a written date with their meaning, or None if it is not a date.

    Parameters
    ----------
    text : str
        One date, with or without weekday, time of day and year.
    day_first : bool or None
        Order of ``03/04/2020``, as in `parse_date_text`.
    language : str, optional
        Language (ISO 639-1) of names that several languages have.
    """
    tokens = tokenize(text, language)
    if tokens is None:
        return None
    month_names = [i for i, token in enumerate(tokens) if token.kind == "month"]
    weekdays = [i for i, token in enumerate(tokens) if token.kind == "weekday"]
    if len(month_names) > 1 or len(weekdays) > 1:
        return None
    month_name = month_names[0] if month_names else None
    numbers = [i for i, token in enumerate(tokens) if token.kind == "number"]
    layout: DateLayout | None
    if month_name is not None:
        layout = _layout_with_month_name(tokens, numbers, month_name)
    elif weekdays and not numbers:
        layout = DateLayout()
    else:
        layout = _numeric_layout(tokens, numbers, day_first)
    if layout is None or not _has_plausible_widths(tokens, layout, month_name):
        return None
    return ParsedDate(tokens, layout, _read_parts(tokens, layout, month_name), month_name)


def representative_date(parts: DateParts, year: int | None = None) -> datetime.date | None:
    """Return a date in the middle of the period that a partial date covers, or None if invalid.

    Parameters
    ----------
    parts : DateParts
        Parts of a written date.
    year : int, optional
        Year of a date without one (default: 2001, or 2004 for a leap day).
    """
    if parts.month is None:
        return datetime.date(parts.year, 7, 2) if parts.year is not None else None
    if parts.year is not None:
        year = parts.year
    elif year is None:
        year = 2004 if (parts.month, parts.day) == (2, 29) else 2001
    try:
        return datetime.date(year, parts.month, parts.day or 15)
    except ValueError:
        return None


def _is_year(token: Token) -> bool:
    """Return whether a number is a year of four digits."""
    return len(token.text) == 4 and 1800 <= int(token.text) <= 2199


def _full_year(token: Token) -> int:
    """Return the year of a number of two or four digits."""
    value = int(token.text)
    if len(token.text) == 4:
        return value
    return value + (1900 if value >= _CENTURY_PIVOT else 2000)


def _layout_with_month_name(
    tokens: list[Token], numbers: list[int], month: int
) -> DateLayout | None:
    """Return the layout of a date whose month is a name: at most a day and a year remain."""
    if len(numbers) > 2:
        return None
    if not numbers:
        return DateLayout(month=month)
    years = [i for i in numbers if _is_year(tokens[i]) or (i and tokens[i - 1].text in "'’")]
    if len(numbers) == 1:
        only = numbers[0]
        if years or (len(tokens[only].text) == 2 and int(tokens[only].text) > 31):
            return DateLayout(year=only, month=month)
        return DateLayout(month=month, day=only)
    if len(years) > 1:
        return None
    first, second = numbers
    if years:
        year = years[0]
    else:
        year = first if int(tokens[first].text) > 31 else second
    day = first if year == second else second
    return DateLayout(year, month, day)


def _numeric_layout(
    tokens: list[Token], numbers: list[int], day_first: bool | None
) -> DateLayout | None:
    """Return the layout of a date without names, by how many numbers it has."""
    if len(numbers) == 1:
        return DateLayout(year=numbers[0]) if _is_year(tokens[numbers[0]]) else None
    if len(numbers) == 2:
        return _layout_of_two_numbers(tokens, numbers, day_first)
    if len(numbers) == 3:
        return _layout_of_three_numbers(tokens, numbers, day_first)
    return None


def _layout_of_two_numbers(
    tokens: list[Token], numbers: list[int], day_first: bool | None
) -> DateLayout:
    """Return the layout of month and year, or of month and day."""
    first, second = numbers
    if _is_year(tokens[second]):
        return DateLayout(year=second, month=first)
    if _is_year(tokens[first]):
        return DateLayout(year=first, month=second)
    if int(tokens[second].text) > 31:  # 08/98
        return DateLayout(year=second, month=first)
    dotted = "." in (token.text for token in tokens)
    if day_first or int(tokens[first].text) > 12 or (day_first is None and dotted):
        return DateLayout(month=second, day=first)
    return DateLayout(month=first, day=second)


def _layout_of_three_numbers(
    tokens: list[Token], numbers: list[int], day_first: bool | None
) -> DateLayout:
    """Return the layout of a complete date: the year is first or last."""
    first, second, third = numbers
    first_value, second_value = int(tokens[first].text), int(tokens[second].text)
    if _is_year(tokens[first]) or first_value > 31:
        return DateLayout(first, second, third)
    between = {tokens[i].text.strip() for i in range(first + 1, second)}
    dotted = between == {"."} and second_value < 13
    if day_first or first_value > 12 or (day_first is None and dotted):
        return DateLayout(third, second, first)
    return DateLayout(third, first, second)


def _has_plausible_widths(tokens: list[Token], layout: DateLayout, month_name: int | None) -> bool:
    """Return whether day and month have at most two digits, and the year is a year."""
    for index in (layout.day, layout.month if month_name is None else None):
        if index is not None and len(tokens[index].text) > 2:
            return False
    if layout.year is None:
        return True
    return len(tokens[layout.year].text) == 2 or _is_year(tokens[layout.year])


def _read_parts(tokens: list[Token], layout: DateLayout, month_name: int | None) -> DateParts:
    """Return the values of the tokens of a layout."""
    month: int | None = None
    if month_name is not None:
        month = tokens[month_name].number + 1
    elif layout.month is not None:
        month = int(tokens[layout.month].text)
    return DateParts(
        None if layout.year is None else _full_year(tokens[layout.year]),
        month,
        None if layout.day is None else int(tokens[layout.day].text),
    )
