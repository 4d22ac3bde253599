"""Decide how the dates of a text are read if the text itself leaves it open.

``03/04/2020`` has two orders, and ``5/23`` has no year. Other texts of the same patient show the
order, and the date of the record shows the year, so that all dates of a patient move by one number
of days.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from safelight.records import Span
from safelight.text.dates.order import find_orders, is_day_before_month_name
from safelight.text.language import is_foreign_text, is_unsupported_language


@dataclass(frozen=True)
class DateHints:
    """Facts from outside of a text about its dates.

    Attributes
    ----------
    day_first : bool or None
        Order of ``03/04/2020`` in other texts of the patient; None if it is unknown.
    reference : datetime.date or None
        Date of the record that holds the text.
    """

    day_first: bool | None = None
    reference: datetime.date | None = None


NO_HINTS = DateHints()


@dataclass(frozen=True)
class Orders:
    """Orders of day and month that some texts show.

    Attributes
    ----------
    day_first, month_first : bool
        Whether a text has a date with the day first, or with the month first.
    """

    day_first: bool = False
    month_first: bool = False

    def __or__(self, other: Orders) -> Orders:
        """Return the orders of both."""
        return Orders(self.day_first or other.day_first, self.month_first or other.month_first)

    @property
    def decision(self) -> bool | None:
        """Return whether the day is first; None if nothing shows it, or if both orders occur."""
        return self.day_first if self.day_first != self.month_first else None

    @property
    def is_mixed(self) -> bool:
        """Return whether both orders occur."""
        return self.day_first and self.month_first


def read_orders(text: str, spans: Iterable[Span] = ()) -> Orders:
    """Return the orders of the dates of a text, or else of its language.

    Parameters
    ----------
    text : str
        Whole text.
    spans : iterable of Span
        Spans of all entities.
    """
    dates = [span for span in spans if span.entity == "DATE"]
    orders = Orders(*find_orders(text, dates))
    if orders.day_first or orders.month_first:
        return orders
    values = (text[span.begin : span.end] for span in dates)
    is_foreign = is_foreign_text(text) or is_unsupported_language(text)
    return Orders(day_first=is_foreign or any(map(is_day_before_month_name, values)))


def pool_hints(
    spans: Mapping[str, Sequence[Span]], reference: datetime.date | None = None
) -> DateHints:
    """Return the hints for the texts of one object or document.

    Parameters
    ----------
    spans : mapping
        Spans of each text.
    reference : datetime.date, optional
        Date of the object or document.

    Returns
    -------
    DateHints
        No hints if no text has a date, so that objects without one are equal.
    """
    orders, has_dates = Orders(), False
    for text, found in spans.items():
        if any(span.entity == "DATE" for span in found):
            has_dates = True
            orders |= read_orders(text, found)
    return DateHints(orders.decision, reference) if has_dates else NO_HINTS
