"""Search an output for the dates of its original: in texts, numbers and other date elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain

from pydicom.datadict import dictionary_has_tag

from safelight.verify.consistency import measure_shifts
from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import RETAIN_UIDS
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import LeafElement
from safelight.verify.encoded_dates import EncodedDates
from safelight.verify.expectation import NO_RULES, Expectation
from safelight.verify.identifiers import is_public_uid, load_code_keywords
from safelight.verify.original_values import iterate_dates

_DATE_VRS = frozenset({"DA", "DT"})
_NUMBER_VRS = frozenset({"DS", "FD", "FL", "IS", "SL", "SV", "UL", "UV"})
#: VRs in which a date is a whole component of a UID, or a tag.
_VRS_OF_NUMBERS = frozenset({"UI", "AT"})
#: VRs that have the digits of dates by chance.
_VRS_WITHOUT_DATES = frozenset({"SQ", "US", "SS"})
#: VRs of times and ages, whose digits are dates in other forms by chance.
_VRS_WITHOUT_ENCODED_DATES = _DATE_VRS | _VRS_OF_NUMBERS | {"AS", "TM"}

_DATE_DIGITS = re.compile(r"(?<!\d)(\d{4})\.?(\d{2})\.?(\d{2})")
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "mär": 3, "apr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7,
    "aug": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12,
}  # fmt: skip
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-zä]*"
_YEAR = r"'?(?P<year>\d{4}|\d{2})(?!\d)"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?"
#: Forms of dates besides those of :func:`_format_date`.
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/. _])(\d{1,2})\2(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<![\d.])(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?!\d)(?!\.\d)")
_WITH_MONTH = (
    re.compile(rf"{_DAY}[ .-]*(?:of )?{_MONTH}[.,]?[ -]*{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?<![a-z]){_MONTH}\.?[ -]*{_DAY},?[ -]+{_YEAR}", re.IGNORECASE),
    re.compile(rf"(?<!\d)(?P<year>\d{{4}})[ ._-]?{_MONTH}[ ._-]?{_DAY}(?!\d)", re.IGNORECASE),
)
#: Component of a UID that is a date, or begins with one and a time.
_UID_DATE = re.compile(
    r"(?<=\.)(\d{4})(\d{2})(\d{2})(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d{1,7})?)?(?![^.])"
)
_CENTURIES = (1900, 2000)


def check_date_leaks(
    original: DicomObject,
    output: DicomObject,
    codes: frozenset[str],
    hasher: ValueHasher,
    expectation: Expectation = NO_RULES,
) -> Iterator[Defect]:
    """Yield the dates of an original in texts, numbers and other elements of the output.

    A shifted date may equal another original date by chance. Therefore a date is reported only if
    it is not an original date shifted by the days of the patient.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    expectation : Expectation
        Dates that the rules retain are not reported.
    """
    skipped = _VRS_WITHOUT_DATES | ({"UI"} if RETAIN_UIDS in codes else frozenset())
    measured = measure_shifts(original, output)
    searched = _list_searched(original, {s.days for found in measured.values() for s in found})
    formats = {written: day for day in searched for written in _format_date(day)}
    encoded = EncodedDates(searched)
    for element in output.elements:
        if element.vr in skipped or expectation.retains_date(element):
            continue
        if element.vr in _DATE_VRS and element.pairing_path in measured:
            continue  # compared with its original
        for text in element.texts:
            found = chain(_find_dates(element, text), _find_encoded(encoded, element, text))
            is_text = element.vr not in _VRS_OF_NUMBERS
            written_dates = (day for written, day in formats.items() if is_text and written in text)
            for day in dict.fromkeys((*written_dates, *found)):
                if day in searched:
                    detail = "has a date of the original"
                    hashed = hasher(f"{day:%Y%m%d}")
                    yield Defect(Check.LEAK, element.location, detail, len("YYYYMMDD"), hashed)


def _list_searched(original: DicomObject, shifts: set[int]) -> frozenset[date]:
    """Return the dates of an original that no shift of another one explains."""
    days = set()
    for _, text in iterate_dates(original.elements):
        days |= set(_make_dates(text[:4], text[4:6], text[6:]))
    explained = set()
    for shift in shifts - {0}:
        for day in days:
            try:
                explained.add(day + timedelta(days=shift))
            except OverflowError:
                continue
    return frozenset(days - explained)


def _format_date(day: date) -> Iterator[str]:
    """Yield a date in the formats that are searched for as part of any text."""
    year, month, number = f"{day.year:04d}", f"{day.month:02d}", f"{day.day:02d}"
    yield year + month + number
    for separator in "-/.":
        yield separator.join((year, month, number))
        yield separator.join((month, number, year))
        yield separator.join((number, month, year))


def _find_dates(element: LeafElement, text: str) -> Iterator[date]:
    """Yield the dates that a value may represent."""
    if element.vr in _DATE_VRS:
        yield from _find_digits(_DATE_DIGITS, text)
    elif element.vr == "UI":
        if not is_public_uid(text.strip("\0 "), element.keyword):
            yield from _find_digits(_UID_DATE, text.strip("\0 "))
    elif element.vr == "AT":
        yield from _read_tag(text)
    elif element.vr in _NUMBER_VRS:
        yield from _read_number(text)
    else:
        yield from find_written_dates(text)


def _find_digits(pattern: re.Pattern[str], text: str) -> Iterator[date]:
    """Yield the dates of a pattern whose groups are year, month and day."""
    for year, month, day in pattern.findall(text):
        yield from _make_dates(year, month, day)


def _read_tag(text: str) -> Iterator[date]:
    """Yield the date that a tag represents, if it is not one of the data dictionary."""
    digits = "".join(filter(str.isdigit, text))
    if len(digits) == len("YYYYMMDD") and not dictionary_has_tag(int(digits, 16)):
        yield from _make_dates(digits[:4], digits[4:6], digits[6:])


def _read_number(text: str) -> Iterator[date]:
    """Yield the date of a number ``YYYYMMDD``."""
    try:
        number = float(text)
        digits = f"{int(number):08d}"
    except (OverflowError, ValueError):
        return
    if len(digits) == len("YYYYMMDD") and number == int(number):
        yield from _make_dates(digits[:4], digits[4:6], digits[6:])


def _find_encoded(encoded: EncodedDates, element: LeafElement, text: str) -> Iterator[date]:
    """Yield the dates of the original that a value has in a form for computers."""
    if element.vr in _NUMBER_VRS:
        yield from encoded.find_in_number(text)
    elif element.vr not in _VRS_WITHOUT_ENCODED_DATES and not _is_code(element):
        yield from encoded.find_in_text(text)


def _is_code(element: LeafElement) -> bool:
    """Return whether an element has a code, whose digits are a date by chance, not a text."""
    return element.keyword in load_code_keywords() and element.keyword != "CodeMeaning"


def find_written_dates(text: str) -> Iterator[date]:
    """Yield the dates in a text, in any order of day and month and with years of two digits.

    Parameters
    ----------
    text : str
    """
    for year, _, month, day in _YEAR_FIRST.findall(text):
        yield from _make_dates(year, month, day)
    for first, _, second, year in _YEAR_LAST.findall(text):
        yield from _make_dates(year, first, second)
        yield from _make_dates(year, second, first)
    for pattern in _WITH_MONTH:
        for match in pattern.finditer(text):
            month = str(_MONTHS[match["month"].lower()])
            yield from _make_dates(match["year"], month, match["day"])


def _make_dates(year: str, month: str, day: str) -> Iterator[date]:
    """Yield the dates of year, month and day; a year of two digits is one of two centuries."""
    years = [int(year)] if len(year) > 2 else [century + int(year) for century in _CENTURIES]
    for number in years:
        try:
            yield date(number, int(month), int(day))
        except ValueError:
            continue
