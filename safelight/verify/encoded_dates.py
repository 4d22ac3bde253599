"""Find known dates in the forms of computers: day numbers, seconds, and digits without separators.

These are day of the year, ISO week, digits with the year last or with a year of two digits,
seconds and their fractions since 1970, serial numbers of spreadsheets, Julian days, and digits in
reverse order or in hexadecimal notation. The search reads each text once, whatever the number of
dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone

#: Number that is not part of a longer one or of a version, with its fraction.
_NUMBER = re.compile(r"(?<![\d.])(\d{5,19})(\.\d+)?(?!\d)(?!\.\d)")
_HEXADECIMAL = re.compile(r"(?<![^\W_])(?:0x)?([0-9a-f]{7,8})(?![^\W_])", re.IGNORECASE)
_DAY_OF_YEAR = re.compile(r"(?<!\d)(\d{4})[-/. _](\d{3})(?!\d)")
_NAMED_DAY_OF_YEAR = re.compile(r"(?<![^\W_])day (\d{1,3})(?: of|,)? (\d{4})(?!\d)", re.IGNORECASE)
_WEEK = re.compile(r"(?<!\d)(\d{4})-?W(\d{2})-?([1-7])(?!\d)", re.IGNORECASE)
#: Digits of an hour and a minute, and of a second, after a date.
_TIME = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")

_SECONDS_DIGITS = range(9, 11)
_HEXADECIMAL_SECONDS_DIGITS = 8
#: Digits of a time since 1970 in thousandths, millionths and billionths, by their number.
_SECOND_PARTS = {12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6, 18: 10**9, 19: 10**9}
#: Hours from UTC of the time zones in the west and in the east.
_ZONE_HOURS = (0, -12, 14)

#: Day 0 of spreadsheets, of the modified Julian date, and of the Julian date, as day numbers
#: (:meth:`datetime.date.toordinal`).
_SPREADSHEET_EPOCH = date(1899, 12, 30).toordinal()
_MODIFIED_JULIAN_EPOCH = 678_576
_JULIAN_EPOCH = -1_721_425


class EncodedDates:
    """Search for dates in the forms of computers.

    Parameters
    ----------
    days : iterable of date
        Dates that are searched for.
    """

    def __init__(self, days: Iterable[date]):
        self._days = frozenset(days)
        self._by_digits = {digits: day for day in self._days for digits in _list_digits(day)}
        self._by_fraction = {
            str(day.toordinal() - _MODIFIED_JULIAN_EPOCH): day for day in self._days
        }
        self._by_two_digit_year = {f"{day:%y%m%d}": day for day in self._days}
        self._by_hexadecimal = {f"{int(f'{day:%Y%m%d}'):x}": day for day in self._days}

    def find_in_text(self, text: str) -> Iterator[date]:
        """Yield the date of each match in a text.

        Parameters
        ----------
        text : str
        """
        for digits, fraction in _NUMBER.findall(text):
            yield from self._find_digits(digits, fraction)
        for year, number in _DAY_OF_YEAR.findall(text):
            yield from self._find_day_of_year(year, number)
        for number, year in _NAMED_DAY_OF_YEAR.findall(text):
            yield from self._find_day_of_year(year, number)
        for year, week, weekday in _WEEK.findall(text):
            yield from self._find_week(year, week, weekday)
        for digits in _HEXADECIMAL.findall(text):
            if not digits.isdigit():
                yield from self._find_hexadecimal(digits.lower())

    def find_in_number(self, text: str) -> Iterator[date]:
        """Yield the date that a numeric value represents.

        Parameters
        ----------
        text : str
            One value.
        """
        match = _NUMBER.fullmatch(text.strip(" \0+").removesuffix(".0"))
        if match is not None:
            yield from self._find_digits(match[1], match[2] or "")

    def _find_digits(self, digits: str, fraction: str) -> Iterator[date]:
        """Yield the date of a number; the year of a date in digits has no fraction."""
        day = self._by_digits.get(digits) or (self._by_fraction.get(digits) if fraction else None)
        if day is None and not fraction and _TIME.fullmatch(digits[6:]):
            day = self._by_two_digit_year.get(digits[:6])
        if day is not None:
            yield day
        elif len(digits) in _SECONDS_DIGITS:
            yield from self._find_seconds(int(digits))
        elif len(digits) in _SECOND_PARTS and not fraction:
            yield from self._find_seconds(int(digits) // _SECOND_PARTS[len(digits)])

    def _find_seconds(self, seconds: int) -> Iterator[date]:
        """Yield the date of a time in seconds since 1970, in UTC or in another time zone."""
        moment = datetime.fromtimestamp(seconds, timezone.utc)
        for hours in _ZONE_HOURS:
            day = (moment + timedelta(hours=hours)).date()
            if day in self._days:
                yield day
                return

    def _find_day_of_year(self, year: str, number: str) -> Iterator[date]:
        """Yield the date of a day of a year, which is 1 on 1 January."""
        try:
            day = date(int(year), 1, 1) + timedelta(days=int(number) - 1)
        except (OverflowError, ValueError):
            return
        if day in self._days:
            yield day

    def _find_week(self, year: str, week: str, weekday: str) -> Iterator[date]:
        """Yield the date of a day of a week of ISO 8601."""
        try:
            day = date.fromisocalendar(int(year), int(week), int(weekday))
        except ValueError:
            return
        if day in self._days:
            yield day

    def _find_hexadecimal(self, digits: str) -> Iterator[date]:
        """Yield the date of hexadecimal digits: of ``YYYYMMDD``, or of seconds since 1970."""
        day = self._by_hexadecimal.get(digits)
        if day is not None:
            yield day
        elif len(digits) == _HEXADECIMAL_SECONDS_DIGITS:
            yield from self._find_seconds(int(digits, 16))


def _list_digits(day: date) -> Iterator[str]:
    """Yield the forms of a date that are whole numbers, except ``YYYYMMDD``."""
    ordinal = day.toordinal()
    yield f"{day.year:04d}{day:%j}"
    for written in ("%y%m%d", "%d%m%y", "%m%d%y", "%d%m%Y", "%m%d%Y"):
        yield f"{day:{written}}"
    yield f"{day.year:04d}{day:%m%d}"[::-1]
    yield str(ordinal - _SPREADSHEET_EPOCH)
    yield str(ordinal - _JULIAN_EPOCH)
    yield str(ordinal)
