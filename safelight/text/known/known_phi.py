"""Find the known values of a patient in any text.

Names are found in any order, case and format, identifiers with or without separators and leading
zeros, dates in every format. Recall has priority here: a value that the record itself labels as
identifying is replaced even where the model does not find it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from safelight.records import Span
from safelight.text.known.backward_values import backward_expressions
from safelight.text.known.byte_search import ByteSearch
from safelight.text.known.contacts import contact_expressions
from safelight.text.known.dates import date_expression, date_needles, read_known_date
from safelight.text.known.expressions import ValueExpression
from safelight.text.known.half_names import HalfNames
from safelight.text.known.identifiers import identifier_expressions
from safelight.text.known.names import NameTable
from safelight.text.known.needle_index import NeedleIndex
from safelight.text.known.ocr_matches import OCRMatcher
from safelight.text.known.places import phrase_expressions
from safelight.text.known.transport_encodings import find_decoded_parts
from safelight.text.known.truncated_places import TruncatedPlaces
from safelight.text.lexicon.folding import Folded, fold, fold_text
from safelight.text.lexicon.plain_text import plain_text, restore_offsets
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import is_placeholder, is_word
from safelight.text.span_merging import COMMON_WORD, merge_spans

#: Characters that are deleted before the search for needles, since they may separate the parts
#: of a value.
_SEPARATORS = {code: None for code in range(128) if not chr(code).isalnum()}
_WORD = re.compile(r"[^\W\d_]+")
_RARE_MIN_LETTERS = 7
#: Number of an identifier that is searched in bytes without its letters.
_LONG_NUMBER = re.compile(r"[0-9]{7,}")
#: Formats of the dates that are searched in bytes.
_DATE_FORMS = (
    "%Y%m%d", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y",
    "%m-%d-%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y",
)  # fmt: skip
#: Replacements of one character by one, so that offsets are unchanged.
_MISREAD_DIGITS = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1", "s": "5", "b": "8"})


@dataclass(frozen=True)
class KnownValue:
    """Known value of a patient. HOLDS PHI.

    Attributes
    ----------
    entity : str
        Coarse label: NAME, DATE, ID, CONTACT, LOCATION, AGE or PROFESSION.
    text : str
        Name in PN format (``SMITH^JOHN``) or plain format, identifier, date or other value.
    subtype : str
        Subtype (PATIENT, CLINICIAN, MRN, PHONE, HOSPITAL, …), or empty.
    """

    entity: str
    text: str
    subtype: str = ""


class KnownPHI:
    """Matcher for the known values of one patient; it is built once and reused for all texts.

    Parameters
    ----------
    values : iterable of KnownValue
        Placeholders (``ANONYMOUS``, ``^^^^``, ``N/A``) and constant dates are ignored.
    """

    def __init__(self, values: Iterable[KnownValue]):
        self.values = tuple(
            dict.fromkeys(value for value in values if not is_placeholder(value.text))
        )
        self._names = NameTable()
        expressions: list[tuple[str, ValueExpression]] = []
        dates: list[tuple[datetime.date, str]] = []
        for value in self.values:
            expressions.extend(
                (expression.needle, expression)
                for expression in backward_expressions(value.entity, value.text, value.subtype)
            )
            if value.entity == "NAME":
                self._names.add_person(value.text, value.entity, value.subtype)
            elif value.entity == "DATE":
                dates.extend((date, value.subtype) for date in read_known_date(value.text))
            else:
                for expression in _value_expressions(value):
                    if expression.needle:
                        expressions.append((expression.needle, expression))
                    else:
                        self._names.add_word(expression.pattern, value.entity, value.subtype)
        expressions.extend((e.needle, e) for e in self._names.expressions())
        self._half_names = HalfNames(
            {
                part: owner
                for part, owner in self._names.strong_tokens().items()
                if owner[0] == "NAME" and not is_word(part)
            }
        )
        self._truncated_places = TruncatedPlaces(
            (value.text, value.subtype) for value in self.values if value.entity == "LOCATION"
        )
        self._expressions = NeedleIndex(expressions)
        self._dates = tuple(dict.fromkeys(dates))
        self._days = frozenset(date for date, _ in dates)
        self._date_needles = NeedleIndex(
            (needle, number)
            for number, (date, _) in enumerate(self._dates)
            for needle in date_needles([date])
        )

    def __bool__(self) -> bool:
        return bool(self.values)

    @cached_property
    def _ocr_matcher(self) -> OCRMatcher:
        identifiers = [(v.text, v.entity, v.subtype) for v in self.values if v.entity == "ID"]
        return OCRMatcher(self._names.strong_tokens(), identifiers)

    @cached_property
    def _byte_search(self) -> ByteSearch:
        places = (value.text for value in self.values if value.entity == "LOCATION")
        names = [value.text for value in self.values if value.entity == "NAME"]
        names += [word for place in places for word in _WORD.findall(place) if _is_rare(word)]
        others = [value.text for value in self.values if value.entity in ("ID", "CONTACT")]
        others += [number for other in others for number in _LONG_NUMBER.findall(other)]
        others += [f"{date:{form}}" for date in self._days for form in _DATE_FORMS]
        others += [f"{date.day} {date:%B %Y}" for date in self._days]
        return ByteSearch(names, others)

    def occurs_in(self, data: bytes | memoryview, are_samples: bool = False) -> bool:
        """Return whether bytes that are not text hold a known value.

        Short names and ordinary words are not searched, because they occur by chance.

        Parameters
        ----------
        data : bytes or memoryview
            Samples, a table, a profile or another value of bytes.
        are_samples : bool
            Whether the bytes are those of a picture, which have short values of digits by chance.
        """
        return self._byte_search.occurs_in(data, are_samples)

    def find(self, text: str, fuzzy: bool = False, is_note: bool = False) -> list[Span]:
        """Return the spans of the known values in a text.

        Parameters
        ----------
        text : str
            Text to search.
        fuzzy : bool
            Whether to find values that character recognition misread as well: ``SM1TH``,
            ``J0HN``, ``l23456``.
        is_note : bool
            Whether the text is prose, however short it is. All parts of names are then hidden that
            are not far commoner as words. Those that are have the subtype ``COMMON_WORD``; each
            one is returned once.

        Returns
        -------
        list of Span
            Spans in order, without overlap.
        """
        if not text or not self.values:
            return []
        plain = plain_text(text)
        spans = restore_offsets(self._find_plain(plain.text, fuzzy, is_note), plain)
        encoded = [
            replace(found[0], begin=part.begin, end=part.end)
            for part in find_decoded_parts(text)
            if (found := self._find_plain(part.text, fuzzy=False, is_note=False))
        ]
        return merge_spans(spans + encoded, text) if encoded else spans

    def _find_plain(self, text: str, fuzzy: bool, is_note: bool) -> list[Span]:
        """Return the spans of the known values in a text of plain characters."""
        folded = fold(text)
        compact = folded.text.translate(_SEPARATORS)
        spans: list[Span] = []
        for value_expression in self._expressions.find(compact):
            spans.extend(value_expression.find(folded))
        if self._dates:
            spans.extend(self._find_dates(folded))
        spans.extend(self._truncated_places.find(folded))
        if not is_note:
            spans.extend(self._half_names.find(folded))
        names = list(self._names.find(text, folded, compact, is_note))
        spans.extend(span for span in names if span.subtype != COMMON_WORD)
        if fuzzy:
            spans.extend(self._ocr_matcher.find(folded))
            spans.extend(self._find_misread_dates(folded))
        if is_note:
            seen = {text[s.begin : s.end].lower(): s for s in reversed(names)}
            spans.extend(span for span in seen.values() if span.subtype == COMMON_WORD)
        return merge_spans(spans, text) if spans else spans

    def _find_dates(self, folded: Folded) -> Iterator[Span]:
        """Yield the known dates in a folded text."""
        for number in sorted(set(self._date_needles.find(folded.text))):
            date, subtype = self._dates[number]
            for match in _compile_date(date).finditer(folded.text):
                yield Span(*folded.original(*match.span()), "DATE", "known", 1.0, subtype)

    def _find_misread_dates(self, folded: Folded) -> Iterator[Span]:
        """Yield the known dates in a folded text whose digits were read as letters."""
        if self._dates:
            digits = folded.text.translate(_MISREAD_DIGITS)
            if digits != folded.text:
                yield from self._find_dates(Folded(digits, folded.starts))


@lru_cache(maxsize=1024)
def _compile_date(date: datetime.date) -> re.Pattern[str]:
    """Return the expression of a date, compiled when a text has one of its needles."""
    return re.compile(date_expression(date))


def _is_rare(word: str) -> bool:
    """Return whether a word of a place is found in bytes only if they hold the place."""
    folded = fold_text(word)
    return len(word) >= _RARE_MIN_LETTERS and not is_word(folded) and not _is_device_maker(folded)


def _is_device_maker(folded: str) -> bool:
    return folded in word_set("device_makers.surname")


def _value_expressions(value: KnownValue) -> Iterator[ValueExpression]:
    """Return the expressions of a known value that is neither a name nor a date."""
    if value.entity == "ID":
        return identifier_expressions(value.entity, value.text, value.subtype)
    if value.entity == "CONTACT":
        return contact_expressions(value.entity, value.text, value.subtype)
    return phrase_expressions(value.entity, value.text, value.subtype)
