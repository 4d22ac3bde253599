"""Shift a written date by whole days and write it in its original format.

``shift_date_text("Tuesday, March 3rd, 2020", -10)`` is ``"Saturday, February 22nd, 2020"``.
The time of day is kept, because a shift is a number of whole days. A month is shifted with the
middle of the month, a weekday by itself. A day without a year is shifted in the year of the other
dates of its text; without them, it is shifted only if the result is the same in every year.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace

from safelight.text.dates.calendar_names import calendar_names
from safelight.text.dates.parsing import (
    COMPACT_DATE,
    DATE_MAX_CHARACTERS,
    NO_PARTS,
    DateParts,
    ParsedDate,
    parse_tokens,
    representative_date,
)
from safelight.text.dates.spoken import parse_spoken_date, write_spoken_date
from safelight.text.dates.tokens import copy_initial_case

_RANGE = re.compile(
    r"(\s*\b(?:to|through|thru|until|till|and|or|bis|und|ao?|al?|hasta|y|e|au|et)\b\s*"
    r"|\s*[-–—]\s*|\s+[&+]\s+|\s*[,;]\s+)",
    re.IGNORECASE,
)
#: A time of day without a colon, as it is common in ward notes: ``11/02/2021 0347``.
_CLOCK_AFTER = re.compile(
    r"(?<=[\d.]),? +(?:at |@ ?|um |à |a las )?(?:[01]\d|2[0-3])[0-5]\d(?: ?h(?:rs?|ours?)?)?\.?\Z"
    r"|,? *(?:at |@ ?|um |à |a las )(?:[01]?\d|2[0-3])(?: ?(?:h|uhr|hrs?|hours?|o'clock))?\.?\Z",
    re.IGNORECASE,
)
_CLOCK_BEFORE = re.compile(
    r"\A(?:[01]\d|2[0-3])[0-5]\d(?: ?h(?:rs?|ours?)?)?,? (?:on )?(?=\d{1,2}[/.-]\d)", re.IGNORECASE
)
#: A day and month before four digits that may be a year or a time of day: ``7/4 2015``.
_YEAR_OR_CLOCK = re.compile(r"\d{1,2}[/.-]\d{1,2}\.?,? +(?P<year>20[0-5]\d)\Z")
#: First day of a range whose last day has the month: ``3-5 March 2020``, ``12-15/03/2020``.
_DAY_ALONE = re.compile(r"(\d{1,2})(st|nd|rd|th|\.|º|ª)?\Z", re.IGNORECASE)
#: Last day of a range whose first day has the month: ``March 3-5, 2020``.
_DAY_AND_YEAR = re.compile(r"(\d{1,2})(st|nd|rd|th)?(?:(,? +)(\d{4}))?\Z", re.IGNORECASE)
_NUMERIC_SEPARATORS = frozenset("-/.")
#: Years with each distance from a leap year, to find out whether a shift depends on the year.
_YEARS_OF_EACH_KIND = (2001, 2002, 2003, 2004)


@dataclass(frozen=True)
class DateContext:
    """What the text around a written date says about it.

    Attributes
    ----------
    day_first : bool or None
        Order of ``03/04/2020``. If None, the day is first after full stops, and else the month,
        unless only the other order is possible.
    is_mixed : bool
        Whether the text has dates of both orders, so that ``03/04/2020`` cannot be read.
    reference : datetime.date or None
        Date of the text, from which the year of a date without one is chosen.
    language : str
        Language (ISO 639-1) of month and weekday names that several languages have, or empty.
    """

    day_first: bool | None = None
    is_mixed: bool = False
    reference: datetime.date | None = None
    language: str = ""


def shift_date_text(
    text: str, days: int, day_first: bool | None = None, context: DateContext | None = None
) -> str | None:
    """Shift a written date by whole days and keep its format.

    Parameters
    ----------
    text : str
        One date or a range or list of dates: numeric, with month names, in English words, ISO 8601
        or DICOM, with or without weekday, time of day and year.
    days : int
        Number of whole days to add; may be negative.
    day_first : bool, optional
        Order of ``03/04/2020``, if no context is given.
    context : DateContext, optional
        What the text around the date says about it.

    Returns
    -------
    str or None
        None if the text cannot be parsed as a date, or if the new date depends on a year or an
        order that is unknown; the caller then masks it.
    """
    if len(text) > DATE_MAX_CHARACTERS:
        return None
    context = context or DateContext(day_first)
    if is_year_or_clock(text, context.reference):
        return None
    shifted = _shift_single_date(text, days, context)
    if shifted is None:
        shifted = _shift_beside_clock_time(text, days, context)
    return shifted if shifted is not None else _shift_range(text, days, context)


def shift_month_and_year(text: str, days: int) -> str | None:
    """Shift a month and a year, such as those of an expiry date: ``08/25``, ``08-2025``.

    Parameters
    ----------
    text : str
        Two numbers with a separator.
    days : int
        Number of whole days to add to the middle of the month.

    Returns
    -------
    str or None
        None if the text is not a month and a year.
    """
    match = re.fullmatch(r"(0?[1-9]|1[0-2])([/.-])(\d{4}|\d{2})", text.strip())
    if match is None:
        return None
    month, separator, year = match.groups()
    full_year = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        new = datetime.date(full_year, int(month), 15) + datetime.timedelta(days)
    except (ValueError, OverflowError):
        return None
    written = f"{new.year:04d}" if len(year) == 4 else f"{new.year % 100:02d}"
    return f"{new.month:0{len(month)}d}{separator}{written}"


def closest_year(parts: DateParts, reference: datetime.date) -> int | None:
    """Return the year in which a day and month is closest to a date, or None if it never exists.

    Parameters
    ----------
    parts : DateParts
        Parts of a date without a year.
    reference : datetime.date
        Date near the one to place.
    """
    candidates = [
        (abs((date - reference).days), date.year)
        for year in range(max(1, reference.year - 4), reference.year + 5)
        if (date := representative_date(parts, year)) is not None
    ]
    return min(candidates)[1] if candidates else None


def is_ambiguous(parsed: ParsedDate) -> bool:
    """Return whether day and month of a numeric date could be exchanged."""
    layout, parts = parsed.layout, parsed.parts
    if None in (layout.day, layout.month) or parsed.month_name is not None:
        return False
    if layout.year is not None and layout.year < min(layout.day or 0, layout.month or 0):
        return False
    day, month = parts.day or 0, parts.month or 0
    return day <= 12 and month <= 12 and day != month


def is_year_or_clock(text: str, reference: datetime.date | None = None) -> bool:
    """Return whether the last number of a date may be a year or a time of day: ``7/4 2015``.

    Parameters
    ----------
    text : str
        Written date.
    reference : datetime.date, optional
        Date of the text; a number near its year is a year.
    """
    match = _YEAR_OR_CLOCK.fullmatch(text)
    if match is None:
        return False
    return reference is None or abs(int(match["year"]) - reference.year) > 1


def _shift_beside_clock_time(text: str, days: int, context: DateContext) -> str | None:
    """Shift a date next to a time of day; None if it has none."""
    if after := _CLOCK_AFTER.search(text):
        date = shift_date_text(text[: after.start()], days, context=context)
        return None if date is None else date + after.group()
    if before := _CLOCK_BEFORE.match(text):
        date = shift_date_text(text[before.end() :], days, context=context)
        return None if date is None else before.group() + date
    return None


def _shift_single_date(text: str, days: int, context: DateContext) -> str | None:
    """Shift one date; None if the text is not one date, or the result leaves the calendar."""
    shift = datetime.timedelta(days)
    compact = COMPACT_DATE.fullmatch(text.strip())
    try:
        if compact:
            new = datetime.date(*map(int, compact.groups()[:3])) + shift
            return text.replace(compact.group()[:8], f"{new:%Y%m%d}".zfill(8), 1)
        parsed = parse_tokens(text, context.day_first, context.language)
        if parsed is not None:
            return _shift_parsed(parsed, days, context)
        spoken = parse_spoken_date(text)
        if spoken is None:
            return None
        results = {
            write_spoken_date(spoken, date + shift)
            for date in _possible_dates(spoken.parts, context)
        }
        return results.pop() if len(results) == 1 else None
    except (ValueError, OverflowError):
        return None


def _shift_parsed(parsed: ParsedDate, days: int, context: DateContext) -> str | None:
    """Shift a parsed date; None if the new text depends on an unknown year or order."""
    if parsed.parts == NO_PARTS:  # a lone weekday: any date serves
        return _write_date(parsed, datetime.date(2001, 1, 1), days)
    if context.is_mixed and is_ambiguous(parsed):
        return None
    shift = datetime.timedelta(days)
    results = {
        _write_date(parsed, date + shift, days) for date in _possible_dates(parsed.parts, context)
    }
    return results.pop() if len(results) == 1 else None


def _possible_dates(parts: DateParts, context: DateContext) -> list[datetime.date]:
    """Return the dates that a written date may mean: several if its year is unknown."""
    if parts.year is not None:
        dates = [representative_date(parts)]
    elif context.reference is not None:
        dates = [representative_date(parts, closest_year(parts, context.reference))]
    else:
        dates = [representative_date(parts, year) for year in _YEARS_OF_EACH_KIND]
    return [date for date in dates if date is not None]


def _shift_range(text: str, days: int, context: DateContext) -> str | None:
    """Shift the two dates of a range; None if the text is not a range of two dates."""
    for separator in _RANGE.finditer(text):
        left, right = text[: separator.start()], text[separator.end() :]
        if not left or not right:
            continue
        shifted = (
            _shift_shared_month(left, right, days, context)
            or _shift_first_day(left, right, days, context)
            or _shift_both(left, right, days, context)
        )
        if shifted is not None:
            return shifted[0] + separator.group() + shifted[1]
    return None


def _shift_both(left: str, right: str, days: int, context: DateContext) -> tuple[str, str] | None:
    """Shift two dates, each of which is complete enough to be shifted by itself.

    The first one takes the year of the second one if it has none: ``3/14-3/16/2020``.
    """
    if _DAY_AND_YEAR.fullmatch(right):  # the last day of March 30-5, 2020
        return None
    ends = [parse_tokens(side, context.day_first, context.language) for side in (left, right)]
    for end in ends:
        if end is not None and end.parts.month is None:
            return None
    if ends[0] is not None and ends[1] is not None:
        last = representative_date(ends[1].parts)
        if ends[0].parts.year is None and ends[1].parts.year is not None and last is not None:
            context = replace(context, reference=last)
    first = _shift_single_date(left, days, context)
    if first is None:
        return None
    second = shift_date_text(right, days, context=context)
    return None if second is None else (first, second)


def _shift_shared_month(
    left: str, right: str, days: int, context: DateContext
) -> tuple[str, str] | None:
    """Shift a range that writes its month once, first: ``March 3-5, 2020``."""
    match = _DAY_AND_YEAR.fullmatch(right)
    parsed = parse_tokens(left, context.day_first, context.language)
    if match is None or parsed is None or parsed.month_name is None or parsed.parts.day is None:
        return None
    day, suffix, gap, year = match.groups()
    if parsed.parts.year is not None and year is not None:
        return None
    last = DateParts(int(year) if year else parsed.parts.year, parsed.parts.month, int(day))
    moved = _shift_pair(replace(parsed.parts, year=last.year), last, days, context)
    if moved is None or not 0 <= int(day) - parsed.parts.day < 31:
        return None
    first, second = moved
    text = f"{second.day:0{len(day) if day.startswith('0') else 1}d}"
    if suffix:
        text += parsed.tokens[parsed.layout.day or 0].ordinal(second.day) or _ordinal(second.day)
    text += f"{gap}{second.year:04d}" if year else ""
    return _write_date(parsed, first, days), text


def _shift_first_day(
    left: str, right: str, days: int, context: DateContext
) -> tuple[str, str] | None:
    """Shift a range that writes its month once, last: ``3-5 March 2020``, ``12.-15.03.2020``."""
    match = _DAY_ALONE.fullmatch(left)
    parsed = parse_tokens(right, context.day_first, context.language)
    if match is None or parsed is None or None in (parsed.parts.day, parsed.parts.month):
        return None
    layout = parsed.layout
    if layout.day is None or layout.month is None or layout.day > layout.month:
        return None  # the number before ``03/15/2020`` is not a separate day
    day, suffix = match.groups()
    moved = _shift_pair(replace(parsed.parts, day=int(day)), parsed.parts, days, context)
    if moved is None or not 0 <= (parsed.parts.day or 0) - int(day) < 31:
        return None
    first, second = moved
    text = f"{first.day:0{2 if len(day) == 2 and day.startswith('0') else 1}d}"
    if suffix:
        text += suffix if suffix in ".ºª" else _ordinal(first.day)
    return text, _write_date(parsed, second, days)


def _shift_pair(
    first: DateParts, last: DateParts, days: int, context: DateContext
) -> tuple[datetime.date, datetime.date] | None:
    """Return two shifted dates of one month and year; None if they differ in them afterwards."""
    shift = datetime.timedelta(days)
    pairs = {
        (a + shift, b + shift)
        for a, b in zip(_possible_dates(first, context), _possible_dates(last, context))
    }
    if len({(a.month, a.day, b.month, b.day) for a, b in pairs}) != 1:
        return None
    a, b = pairs.pop()
    return (a, b) if (a.year, a.month) == (b.year, b.month) else None


def _ordinal(day: int) -> str:
    """Return the English ordinal ending of a day."""
    return {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day, "th")


def _write_date(parsed: ParsedDate, new: datetime.date, days: int) -> str:
    """Return the text of a parsed date with a new date in its format."""
    tokens, layout = parsed.tokens, parsed.layout
    written = [token.text + token.suffix for token in tokens]
    has_numbers = any(token.kind == "number" for token in tokens)
    is_numeric_format = has_numbers and _NUMERIC_SEPARATORS.issuperset(
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
