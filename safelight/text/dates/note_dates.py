"""Read the dates of one text together, so that all of them move by one number of days.

A written date does not say everything: ``03/04/2020`` has two orders, ``5/23`` has no year, and
``08/25`` may be a month and a year. The other dates of the text, its language and the word before
the date decide. What they leave open is not shifted, so that the caller masks it.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from safelight.records import Span
from safelight.text.dates.hints import NO_HINTS, DateHints, Orders, read_orders
from safelight.text.dates.parsing import (
    NO_PARTS,
    DateParts,
    parse_date_text,
    representative_date,
)
from safelight.text.dates.shifting import (
    DateContext,
    is_year_or_clock,
    shift_date_text,
    shift_month_and_year,
)
from safelight.text.dates.tokens import find_name_languages
from safelight.text.lexicon.plain_text import plain_text

#: Labels before which a month and a year are written like a day and a month.
_EXPIRY_BEFORE = re.compile(
    r"\b(?:exp(?:\.|iry|ires?|iration|iring)?|use[ -]by|best before|bbe|valid (?:until|to|thru|"
    r"through)|good (?:until|thru|through)|verw(?:endbar)?\.? bis|haltbar bis|cad(?:uc[ao]|ucidad)?"
    r"\.?|p[ée]remption|scadenza|validade)(?: date| on| in| is)?[ :.=(-]{0,3}\Z",
    re.IGNORECASE,
)
_EXPIRY_REACH_CHARACTERS = 32
#: Subtypes of dates that say nothing about the year of the text.
_OTHER_YEARS = frozenset(("DOB", "birth_date", "BIRTH", "HOLIDAY", "WEEKDAY"))
_WORD = re.compile(r"[^\W\d_]+(?:-feira)?")
#: Characters between the dates of a range or list, and before a time of day.
_PIECE_SEPARATOR = re.compile(
    r"\s*[–—-]\s+|\s+[–—-]\s*|,? (?:to|through|at|and|bis|hasta|au|al?|um) "
)
#: The date of a text is the first one that is this near to its latest date.
_REFERENCE_MAX_DAYS = 400


@dataclass(frozen=True)
class NoteDates:
    """Context of all dates of one text."""

    text: str
    context: DateContext

    def shift(self, span: Span, days: int) -> str | None:
        """Return the shifted text of a date, or None if it cannot be shifted.

        Parameters
        ----------
        span : Span
            Span of the date.
        days : int
            Number of whole days to add.
        """
        value = self.text[span.begin : span.end]
        new = self._shift_value(value, span.begin, days)
        plain = plain_text(value).text
        if new is not None or plain == value:
            return new
        return self._shift_value(plain, span.begin, days)

    def _shift_value(self, value: str, begin: int, days: int) -> str | None:
        """Return a shifted date that begins at an offset of the text, or None."""
        before = self.text[max(0, begin - _EXPIRY_REACH_CHARACTERS) : begin]
        if _EXPIRY_BEFORE.search(before):
            new = shift_month_and_year(value, days)
            if new is not None:
                return new
        return shift_date_text(value, days, context=self.context)


def read_note_dates(
    text: str,
    spans: Iterable[Span],
    hints: DateHints = NO_HINTS,
) -> NoteDates:
    """Return the context of the dates of a text.

    Parameters
    ----------
    text : str
        Whole text.
    spans : iterable of Span
        Spans of all entities.
    hints : DateHints, optional
        Facts from outside of the text, which count if the text leaves an order or a year open.
    """
    dates = [span for span in spans if span.entity == "DATE"]
    if not dates:
        return NoteDates(text, DateContext(hints.day_first))
    orders = read_orders(text, dates)
    day_first = hints.day_first if orders == Orders() else orders.decision
    chosen = _choose_reference(_read_dates(text, dates, day_first), hints.reference)
    return NoteDates(
        text, DateContext(day_first, orders.is_mixed, chosen, _find_language(text, dates))
    )


def find_reference(
    spans: Mapping[str, Sequence[Span]], hints: DateHints = NO_HINTS
) -> datetime.date | None:
    """Return the date of a document of several texts, for texts whose dates have no year.

    Parameters
    ----------
    spans : mapping
        Spans of each text.
    hints : DateHints, optional
        Order of day and month, and the date of the record that holds the document.

    Returns
    -------
    datetime.date or None
        None if no text has a date with a year, and the record has none.
    """
    found = [
        date
        for text, all_spans in spans.items()
        for date in _read_dates(
            text, [span for span in all_spans if span.entity == "DATE"], hints.day_first
        )
    ]
    return _choose_reference(found, hints.reference)


def _read_dates(text: str, dates: Sequence[Span], day_first: bool | None) -> list[datetime.date]:
    """Return the dates that have a day and a year, or else those that have a month and a year."""
    values = [text[s.begin : s.end] for s in dates if s.subtype not in _OTHER_YEARS]
    parts = [_read_parts(value, day_first) for value in values]
    found = [date for one in parts if one.day and (date := representative_date(one))]
    return found or [date for one in parts if one.month and (date := representative_date(one))]


def _find_language(text: str, dates: Sequence[Span]) -> str:
    """Return the language that most month and weekday names of the dates belong to, or none."""
    votes = Counter(
        language
        for span in dates
        for word in _WORD.findall(text[span.begin : span.end])
        for language in find_name_languages(word)
    )
    return votes.most_common(1)[0][0] if votes else ""


def _read_parts(value: str, day_first: bool | None) -> DateParts:
    """Return the parts of a written date with a year; no parts if it has none."""
    for piece in (value, *_PIECE_SEPARATOR.split(value)):
        parts = None if is_year_or_clock(piece) else parse_date_text(piece, day_first)
        if parts is not None and parts.year:
            return parts
    return NO_PARTS


def _choose_reference(
    found: Sequence[datetime.date], given: datetime.date | None
) -> datetime.date | None:
    """Return the date of a text: the given one, or the first one near the latest one."""
    if not found:
        return given
    latest = max(found)
    near = [date for date in found if (latest - date).days <= _REFERENCE_MAX_DAYS]
    if given is not None and any(abs((given - d).days) <= _REFERENCE_MAX_DAYS for d in found):
        return given
    return near[0]
