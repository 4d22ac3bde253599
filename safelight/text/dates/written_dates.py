"""Read a date as it was written, move it by whole days, write it the same way.

``shift_date_text("Tuesday, March 3rd, 2020", -10)`` is ``"Saturday, February 22nd, 2020"``.
Times of day stay: a shift is of whole days. Partial dates move as well: a month with its
middle, a day without year within any year, a weekday by itself.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from safelight.text.dates.calendar_names import calendar_names
from safelight.text.dates.date_tokens import Token, case_like, tokenize

_COMPACT = re.compile(
    r"(\d{4})(\d{2})(\d{2})((?:[01]\d|2[0-3])[0-5]\d(?:[0-6]\d(?:\.\d{1,6})?)?(?:[+-]\d{4})?)?"
)
_RANGE = re.compile(
    r"(\s+(?:-|–|—|to|through|thru|until|till|and|bis|und|al?|hasta|y|au|et)\s+|\s*[–—]\s*|-)",
    re.IGNORECASE,
)
_MAXIMUM_LENGTH = 120

#: Two-digit years from here on are of the twentieth century (as in POSIX).
_PIVOT = 69


@dataclass(frozen=True)
class DateParts:
    """What a written date says; ``None`` for what it leaves out."""

    year: int | None
    month: int | None
    day: int | None


@dataclass(frozen=True)
class _Reading:
    """Which token says what: indices into the tokens, and the values."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


#: A time of the day without a colon, as wards write it: ``11/02/2021 0347``.
_CLOCK = re.compile(r"(?<=\d),? (?:at |@ ?)?(?:[01]\d|2[0-3])[0-5]\d(?: ?h(?:rs?|ours)?)?\Z")


def _numbers(tokens: list[Token]) -> list[int]:
    return [i for i, token in enumerate(tokens) if token.kind == "number"]


def _is_year(token: Token) -> bool:
    return len(token.text) == 4 and 1800 <= int(token.text) <= 2199


def _full_year(token: Token) -> int:
    value = int(token.text)
    return value if len(token.text) == 4 else value + (1900 if value >= _PIVOT else 2000)


def _with_month_word(tokens: list[Token], month: int) -> _Reading | None:
    numbers = _numbers(tokens)
    if len(numbers) > 2:
        return None
    if not numbers:
        return _Reading(month=month)
    years = [i for i in numbers if _is_year(tokens[i]) or (i and tokens[i - 1].text in "'’")]
    if len(numbers) == 1:
        only = numbers[0]
        if years or (len(tokens[only].text) == 2 and int(tokens[only].text) > 31):
            return _Reading(year=only, month=month)
        return _Reading(month=month, day=only)
    if len(years) > 1:
        return None
    first, second = numbers
    if years:
        year = years[0]
    else:
        year = first if int(tokens[first].text) > 31 else second
    day = first if year == second else second
    return _Reading(year, month, day)


def _numeric(tokens: list[Token], day_first: bool | None) -> _Reading | None:
    numbers = _numbers(tokens)
    values = [int(tokens[i].text) for i in numbers]
    if len(numbers) == 1:
        return _Reading(year=numbers[0]) if _is_year(tokens[numbers[0]]) else None
    if len(numbers) == 2:
        first, second = numbers
        if _is_year(tokens[second]):
            return _Reading(year=second, month=first)
        if _is_year(tokens[first]):
            return _Reading(year=first, month=second)
        dotted = "." in (token.text for token in tokens)
        if day_first or values[0] > 12 or (day_first is None and dotted):
            return _Reading(month=second, day=first)
        return _Reading(month=first, day=second)
    if len(numbers) != 3:
        return None
    if _is_year(tokens[numbers[0]]) or values[0] > 31:
        return _Reading(*numbers)
    between = {tokens[i].text.strip() for i in range(numbers[0] + 1, numbers[1])}
    if day_first or values[0] > 12 or (day_first is None and between == {"."} and values[1] < 13):
        return _Reading(numbers[2], numbers[1], numbers[0])
    return _Reading(numbers[2], numbers[0], numbers[1])


def _read(
    text: str, day_first: bool | None
) -> tuple[list[Token], _Reading, DateParts, int | None] | None:
    """Tokens, which of them says what, the values, and the index of the month's word."""
    tokens = tokenize(text)
    if tokens is None:
        return None
    words = [i for i, token in enumerate(tokens) if token.kind == "month"]
    weekdays = [i for i, token in enumerate(tokens) if token.kind == "weekday"]
    if len(words) > 1 or len(weekdays) > 1:
        return None
    word = words[0] if words else None
    reading: _Reading | None
    if word is not None:
        reading = _with_month_word(tokens, word)
    elif weekdays and not _numbers(tokens):
        reading = _Reading()
    else:
        reading = _numeric(tokens, day_first)
    if reading is None:
        return None
    for index in (reading.day, reading.month if word is None else None):
        if index is not None and len(tokens[index].text) > 2:
            return None
    if reading.year is not None and len(tokens[reading.year].text) not in (2, 4):
        return None
    month: int | None = None
    if word is not None:
        month = tokens[word].number + 1
    elif reading.month is not None:
        month = int(tokens[reading.month].text)
    parts = DateParts(
        None if reading.year is None else _full_year(tokens[reading.year]),
        month,
        None if reading.day is None else int(tokens[reading.day].text),
    )
    return tokens, reading, parts, word


def _anchor(parts: DateParts) -> datetime.date | None:
    """A date in the middle of what a partial date leaves open."""
    if parts.month is None:
        return datetime.date(parts.year, 7, 2) if parts.year is not None else None
    leap = parts.month == 2 and parts.day == 29
    year = parts.year if parts.year is not None else (2004 if leap else 2001)
    try:
        return datetime.date(year, parts.month, parts.day or 15)
    except ValueError:
        return None


def parse_date_text(text: str, day_first: bool | None = None) -> DateParts | None:
    """What a written date says, or ``None`` when it is no date that can be read."""
    compact = _COMPACT.fullmatch(text.strip())
    if compact:
        parts = DateParts(*map(int, compact.groups()[:3]))
    else:
        read = _read(text, day_first) if len(text) <= _MAXIMUM_LENGTH else None
        if read is None:
            return None
        parts = read[2]
        if parts == DateParts(None, None, None):
            return parts
    return parts if _anchor(parts) else None


def _write(
    tokens: list[Token], reading: _Reading, word: int | None, new: datetime.date, days: int
) -> str:
    written = [token.text + token.suffix for token in tokens]
    forms = calendar_names().forms
    dashes = {tokens[i].text for i in range(len(tokens)) if tokens[i].kind == "other"} <= {
        "-",
        "/",
        ".",
    }
    short = [i for i in (reading.day, reading.month) if i is not None and i != word]
    zero = any(tokens[i].text.startswith("0") for i in short)
    single = any(len(tokens[i].text) == 1 for i in short)
    pad = zero or (not single and (word is None or dashes))
    if reading.year is not None:
        token = tokens[reading.year]
        written[reading.year] = (
            f"{new.year:04d}" if len(token.text) == 4 else f"{new.year % 100:02d}"
        )
    if reading.month is not None and reading.month != word:
        written[reading.month] = f"{new.month:0{2 if pad else 1}d}"
    if reading.day is not None:
        suffix = tokens[reading.day].ordinal(new.day)
        written[reading.day] = f"{new.day:0{2 if pad else 1}d}" + suffix
    if word is not None:
        token = tokens[word]
        names = forms["months"][token.language]
        form = token.form
        if len(names[token.number]) == 1 and dashes:  # "May" is its own abbreviation
            form = 1
        choices = names[new.month - 1]
        written[word] = case_like(choices[min(form, len(choices) - 1)], token.text)
    for index, token in enumerate(tokens):
        if token.kind == "weekday":
            whole = None not in (reading.year, reading.day)
            number = new.weekday() if whole else (token.number + days) % 7
            choices = forms["weekdays"][token.language][number]
            name = choices[min(token.form, len(choices) - 1)]
            written[index] = case_like(name, token.text) + token.suffix
    return "".join(written)


def _shift_range(text: str, days: int, day_first: bool | None) -> str | None:
    for separator in _RANGE.finditer(text):
        left, right = text[: separator.start()], text[separator.end() :]
        ends = [parse_date_text(side, day_first) for side in (left, right)]
        if not all(end is not None and end.month and end.day for end in ends):
            continue  # "March 3-5": the parts of one date are no dates themselves
        moved = [_shift_one(side, days, day_first) for side in (left, right)]
        if moved[0] is not None and moved[1] is not None:
            return moved[0] + separator.group() + moved[1]
    return None


def _shift_one(text: str, days: int, day_first: bool | None) -> str | None:
    shift = datetime.timedelta(days)
    compact = _COMPACT.fullmatch(text.strip())
    try:
        if compact:
            new = datetime.date(*map(int, compact.groups()[:3])) + shift
            return text.replace(compact.group()[:8], f"{new:%Y%m%d}".zfill(8), 1)
        read = _read(text, day_first)
        if read is None:
            return None
        tokens, reading, parts, word = read
        if parts == DateParts(None, None, None):
            return _write(tokens, reading, word, datetime.date(2001, 1, 1), days)
        anchor = _anchor(parts)
        return _write(tokens, reading, word, anchor + shift, days) if anchor else None
    except (ValueError, OverflowError):
        return None


def shift_date_text(text: str, days: int, day_first: bool | None = None) -> str | None:
    """Move a written date by whole days and keep the way that it is written.

    Parameters
    ----------
    text : str
        One date or a range of two: numeric, with month names (English, Spanish, German,
        French), ISO 8601 or DICOM, with or without weekday, time and year.
    days : int
        Whole days to add, any sign.
    day_first : bool, optional
        How ``03/04/2020`` is read. Left open: day first after dots, else month first, or as
        the numbers allow.

    Returns
    -------
    str or None
        ``None`` when the text cannot be read as a date; the caller then masks it.
    """
    if len(text) > _MAXIMUM_LENGTH:
        return None
    moved = _shift_one(text, days, day_first)
    if moved is None and (clock := _CLOCK.search(text)):
        date = shift_date_text(text[: clock.start()], days, day_first)
        return None if date is None else date + clock.group()
    return moved if moved is not None else _shift_range(text, days, day_first)
