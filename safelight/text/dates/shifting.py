"""Shift a written date by whole days and write it in its original format.

``shift_date_text("Tuesday, March 3rd, 2020", -10)`` is ``"Saturday, February 22nd, 2020"``.
The time of day is kept, because a shift is a number of whole days. A partial date is shifted as
well: a month with the middle of the month, a day without a year in an arbitrary year, a weekday
by itself.
"""

from __future__ import annotations

import datetime
import re

from safelight.text.dates.calendar_names import calendar_names
from safelight.text.dates.parsing import (
    COMPACT_DATE,
    DATE_MAX_CHARACTERS,
    NO_PARTS,
    ParsedDate,
    parse_date_text,
    parse_tokens,
    representative_date,
)
from safelight.text.dates.tokens import copy_initial_case

_RANGE = re.compile(
    r"(\s+(?:-|–|—|to|through|thru|until|till|and|bis|und|al?|hasta|y|au|et)\s+|\s*[–—]\s*|-)",
    re.IGNORECASE,
)
#: A time of day without a colon, as it is common in ward notes: ``11/02/2021 0347``.
_CLOCK_TIME = re.compile(r"(?<=\d),? (?:at |@ ?)?(?:[01]\d|2[0-3])[0-5]\d(?: ?h(?:rs?|ours)?)?\Z")
_NUMERIC_SEPARATORS = frozenset("-/.")


def shift_date_text(text: str, days: int, day_first: bool | None = None) -> str | None:
    """Shift a written date by whole days and keep its format.

    Parameters
    ----------
    text : str
        One date or a range of two dates: numeric, with month names (English, Spanish, German,
        French), ISO 8601 or DICOM, with or without weekday, time of day and year.
    days : int
        Number of whole days to add; may be negative.
    day_first : bool, optional
        Order of ``03/04/2020``. If None, the day is first after full stops, and else the month,
        unless only the other order is possible.

    Returns
    -------
    str or None
        None if the text cannot be parsed as a date; the caller then masks it.
    """
    if len(text) > DATE_MAX_CHARACTERS:
        return None
    shifted = _shift_single_date(text, days, day_first)
    if shifted is None and (clock_time := _CLOCK_TIME.search(text)):
        date = shift_date_text(text[: clock_time.start()], days, day_first)
        return None if date is None else date + clock_time.group()
    return shifted if shifted is not None else _shift_range(text, days, day_first)


def _shift_single_date(text: str, days: int, day_first: bool | None) -> str | None:
    """Shift one date; None if the text is not one date, or the result leaves the calendar."""
    shift = datetime.timedelta(days)
    compact = COMPACT_DATE.fullmatch(text.strip())
    try:
        if compact:
            new = datetime.date(*map(int, compact.groups()[:3])) + shift
            return text.replace(compact.group()[:8], f"{new:%Y%m%d}".zfill(8), 1)
        parsed = parse_tokens(text, day_first)
        if parsed is None:
            return None
        if parsed.parts == NO_PARTS:  # a lone weekday: any date serves
            return _write_date(parsed, datetime.date(2001, 1, 1), days)
        date = representative_date(parsed.parts)
        return _write_date(parsed, date + shift, days) if date else None
    except (ValueError, OverflowError):
        return None


def _shift_range(text: str, days: int, day_first: bool | None) -> str | None:
    """Shift the two dates of a range; None if the text is not a range of two dates."""
    for separator in _RANGE.finditer(text):
        left, right = text[: separator.start()], text[separator.end() :]
        ends = [parse_date_text(side, day_first) for side in (left, right)]
        if not all(end is not None and end.month and end.day for end in ends):
            continue  # "March 3-5": the right side alone is not a date
        shifted = [_shift_single_date(side, days, day_first) for side in (left, right)]
        if shifted[0] is not None and shifted[1] is not None:
            return shifted[0] + separator.group() + shifted[1]
    return None


def _write_date(parsed: ParsedDate, new: datetime.date, days: int) -> str:
    """Return the text of a parsed date with a new date in its format."""
    tokens, layout = parsed.tokens, parsed.layout
    written = [token.text + token.suffix for token in tokens]
    is_numeric_format = _NUMERIC_SEPARATORS.issuperset(
        token.text for token in tokens if token.kind == "other"
    )
    width = _number_width(parsed, is_numeric_format)
    if layout.year is not None:
        is_long = len(tokens[layout.year].text) == 4
        written[layout.year] = f"{new.year:04d}" if is_long else f"{new.year % 100:02d}"
    if parsed.month_name is not None:
        written[parsed.month_name] = _write_month_name(parsed, new.month, is_numeric_format)
    elif layout.month is not None:
        written[layout.month] = f"{new.month:0{width}d}"
    if layout.day is not None:
        written[layout.day] = f"{new.day:0{width}d}" + tokens[layout.day].ordinal(new.day)
    for index, token in enumerate(tokens):
        if token.kind == "weekday":
            written[index] = _write_weekday(parsed, index, new, days)
    return "".join(written)


def _number_width(parsed: ParsedDate, is_numeric_format: bool) -> int:
    """Return the number of digits of day and month: 2 if the original pads them with zeros.

    If the original decides neither (``12/11/2020``), a date without a month name, or with
    hyphens, slashes or full stops only, is padded.
    """
    layout = parsed.layout
    numbers = [
        parsed.tokens[index].text
        for index in (layout.day, layout.month)
        if index is not None and index != parsed.month_name
    ]
    if any(number.startswith("0") for number in numbers):
        return 2
    if any(len(number) == 1 for number in numbers):
        return 1
    return 2 if parsed.month_name is None or is_numeric_format else 1


def _write_month_name(parsed: ParsedDate, month: int, is_numeric_format: bool) -> str:
    """Return the name of a month in the language, form and case of the original."""
    assert parsed.month_name is not None
    token = parsed.tokens[parsed.month_name]
    names = calendar_names().forms["months"][token.language]
    form = token.form
    if len(names[token.number]) == 1 and is_numeric_format:  # "May" is its own abbreviation
        form = 1
    choices = names[month - 1]
    return copy_initial_case(choices[min(form, len(choices) - 1)], token.text)


def _write_weekday(parsed: ParsedDate, index: int, new: datetime.date, days: int) -> str:
    """Return the weekday of the new date, or the shifted weekday if year or day is unknown."""
    token = parsed.tokens[index]
    is_known = None not in (parsed.layout.year, parsed.layout.day)
    number = new.weekday() if is_known else (token.number + days) % 7
    choices = calendar_names().forms["weekdays"][token.language][number]
    name = choices[min(token.form, len(choices) - 1)]
    return copy_initial_case(name, token.text) + token.suffix
