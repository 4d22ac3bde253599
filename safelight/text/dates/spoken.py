"""Parse and write English dates in words: ``the twenty-first of June, nineteen ninety-eight``."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from safelight.text.dates.calendar_names import calendar_names
from safelight.text.dates.parsing import DateParts
from safelight.text.dates.tokens import copy_initial_case

_UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_UNITS += " sixteen seventeen eighteen nineteen"
_NUMBERS = {word: number for number, word in enumerate(_UNITS.split(), 1)}
_TENS = {
    word: number * 10
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), 2
    )
}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
            "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
        ).split(),
        1,
    )
} | {"twentieth": 20, "thirtieth": 30}
_WORD_OR_GAP = re.compile(r"[A-Za-z]+|[^A-Za-z]+")
_WORD = re.compile(r"[A-Za-z]+")
_FILLERS = frozenset(("the", "of", "and", "in", "on", "day"))


@dataclass(frozen=True)
class SpokenDate:
    """Date in words, with the ranges of its parts in its list of words.

    Attributes
    ----------
    pieces : list of str
        Words and the characters between them.
    parts : DateParts
        Values of the parts.
    month, day, year : tuple of int or None
        First and last index, exclusive, of each part in ``pieces``.
    """

    pieces: list[str]
    parts: DateParts
    month: tuple[int, int]
    day: tuple[int, int] | None
    year: tuple[int, int] | None


def parse_spoken_date(text: str) -> SpokenDate | None:
    """Return an English date in words with a month name, or None if the text is not one."""
    pieces = _WORD_OR_GAP.findall(text)
    if any(any(map(str.isalnum, piece)) for piece in pieces if not _WORD.fullmatch(piece)):
        return None
    places = [i for i, piece in enumerate(pieces) if _WORD.fullmatch(piece)]
    words = [pieces[i].lower() for i in places]
    months = [
        (i, number)
        for i, word in enumerate(words)
        for language, number, _ in calendar_names().months.get(word, ())
        if language == "en"
    ]
    if len(months) != 1:
        return None
    month_at, month = months[0]
    before, after = _content(words, 0, month_at), _content(words, month_at + 1, len(words))
    day_at: list[int] | None
    if before:
        day_at, year_at = before, after
    else:
        length = _ordinal_length([words[i] for i in after])
        day_at, year_at = after[:length], after[length:]
    day = _read_day([words[i] for i in day_at]) if day_at else None
    year = _read_year([words[i] for i in year_at]) if year_at else None
    if (day_at and day is None) or (year_at and year is None) or not (day_at or year_at):
        return None
    return SpokenDate(
        pieces,
        DateParts(year, month + 1, day),
        (places[month_at], places[month_at] + 1),
        (places[day_at[0]], places[day_at[-1]] + 1) if day_at else None,
        (places[year_at[0]], places[year_at[-1]] + 1) if year_at else None,
    )


def write_spoken_date(date: SpokenDate, new: datetime.date) -> str:
    """Return a date in words with the parts of another day.

    Parameters
    ----------
    date : SpokenDate
        Original.
    new : datetime.date
        Day to write.
    """
    months = calendar_names().forms["months"]["en"]
    changes: list[tuple[tuple[int, int], str]] = [(date.month, months[new.month - 1][0])]
    if date.day is not None:
        changes.append((date.day, _write_day(new.day, "-" in date.pieces)))
    if date.year is not None:
        changes.append((date.year, _write_year(new.year)))
    pieces = list(date.pieces)
    for (first, last), words in sorted(changes, reverse=True):
        pieces[first:last] = [copy_initial_case(words, pieces[first])]
    return "".join(pieces)


def _content(words: list[str], first: int, last: int) -> list[int]:
    """Return the indices of the words of a part, without fillers at its ends."""
    while first < last and words[first] in _FILLERS:
        first += 1
    while last > first and words[last - 1] in _FILLERS:
        last -= 1
    return list(range(first, last))


def _ordinal_length(words: list[str]) -> int:
    """Return the number of words at the start that are a day: 0, 1 or 2."""
    if words[:1] and words[0] in _ORDINALS:
        return 1
    if len(words) > 1 and words[0] in ("twenty", "thirty"):
        if words[1] in _ORDINALS or (words[1] in _NUMBERS and len(words) not in (2, 3)):
            return 2
        return 0 if words[1] in _NUMBERS or words[1] in _TENS else 1
    if len(words) == 1 and words[0] in _NUMBERS:
        return 1
    return 1 if len(words) > 2 and words[0] in _NUMBERS and words[1] not in _TENS else 0


def _read_day(words: list[str]) -> int | None:
    """Return a day in words: ordinal or cardinal."""
    value: int | None = None
    if len(words) == 1:
        value = _ORDINALS.get(words[0]) or _NUMBERS.get(words[0]) or _TENS.get(words[0])
    elif len(words) == 2 and words[0] in ("twenty", "thirty"):
        unit = _ORDINALS.get(words[1]) or _NUMBERS.get(words[1])
        value = _TENS[words[0]] + unit if unit and unit < 10 else None
    return value if value is not None and value <= 31 else None


def _read_under_hundred(words: list[str]) -> int | None:
    """Return a number below one hundred in words; ``oh five`` is 5."""
    if len(words) == 1:
        return _NUMBERS.get(words[0]) or _TENS.get(words[0])
    if len(words) == 2 and words[1] in _NUMBERS and _NUMBERS[words[1]] < 10:
        if words[0] in ("oh", "o"):
            return _NUMBERS[words[1]]
        return _TENS[words[0]] + _NUMBERS[words[1]] if words[0] in _TENS else None
    return None


def _read_year(words: list[str]) -> int | None:
    """Return a year in words: ``nineteen ninety eight``, ``two thousand and five``."""
    if words[:2] == ["two", "thousand"]:
        rest = [word for word in words[2:] if word != "and"]
        if not rest:
            return 2000
        under = _read_under_hundred(rest)
        return None if under is None else 2000 + under
    if len(words) > 1 and words[0] in ("nineteen", "twenty", "eighteen"):
        century = (_NUMBERS.get(words[0]) or 20) * 100
        under = 0 if words[1:] == ["hundred"] else _read_under_hundred(words[1:])
        return None if under is None else century + under
    return None


def _write_under_hundred(number: int) -> str:
    """Return a number from 1 to 99 in words."""
    for table in (_NUMBERS, _TENS):
        for word, value in table.items():
            if value == number:
                return word
    return f"{_write_under_hundred(number // 10 * 10)} {_write_under_hundred(number % 10)}"


def _write_day(day: int, hyphen: bool) -> str:
    """Return a day as an ordinal in words."""
    for word, value in _ORDINALS.items():
        if value == day:
            return word
    tens = "twenty" if day < 30 else "thirty"
    return f"{tens}{'-' if hyphen else ' '}{_write_day(day % 10, hyphen)}"


def _write_year(year: int) -> str:
    """Return a year in words."""
    if 2000 <= year < 2010:
        return "two thousand" + (f" {_write_under_hundred(year % 100)}" if year % 100 else "")
    century = {18: "eighteen", 19: "nineteen", 20: "twenty", 21: "twenty one"}[year // 100]
    under = year % 100
    if under == 0:
        return f"{century} hundred"
    return f"{century} {'oh ' if under < 10 else ''}{_write_under_hundred(under)}"
