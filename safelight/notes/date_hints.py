"""Read what the records of a file say about the dates in their texts: their order and year."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Optional

from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.field_visitor import join_segments
from safelight.notes.models import SpansByText
from safelight.notes.plain_values import is_read_as_text
from safelight.text.dates.hints import DateHints, Orders, read_orders
from safelight.text.dates.parsing import parse_date_text, representative_date

_DATE_MAX_CHARACTERS = 32


class DateCollector:
    """Collect the orders and the date of one record; see ``FieldVisitor``.

    Parameters
    ----------
    spans : mapping
        Spans of each text.
    """

    def __init__(self, spans: SpansByText) -> None:
        self.orders = Orders()
        self.values: list[str] = []
        self._spans = spans

    def visit_value(self, rule: FieldRule, value: str, _location: str) -> Optional[str]:
        """Read the order of a text, or collect a date; return the value unchanged.

        Parameters
        ----------
        rule : FieldRule
            Action on the field.
        value : str
            Original value.
        _location : str
            Not used.
        """
        if is_read_as_text(rule, value):
            self._read(value)
        elif rule.op is FieldOp.DATE:
            self.values.append(value)
            self.orders |= read_orders(value[:_DATE_MAX_CHARACTERS])
        return value

    def visit_text(
        self, segments: Sequence[str], _locations: Sequence[str], separators: Sequence[str] = ()
    ) -> Optional[list[str]]:
        """Read the order of the segments as one text; return them unchanged.

        Parameters
        ----------
        segments : sequence of str
            Parts of one text, in order.
        _locations : sequence of str
            Not used.
        separators : sequence of str
            Characters between each segment and the next one; a line end by default.
        """
        self._read(join_segments(segments, separators))
        return list(segments)

    def visit_document(self, _data: bytes, _media_type: str, _location: str) -> Optional[bytes]:
        """Return None: a document has its own dates."""
        return None

    def _read(self, text: str) -> None:
        """Add the orders of a text in which the model, or a pattern, has found a date."""
        if any(map(str.isdigit, text)):
            self.orders |= read_orders(text, self._spans.get(text, ()))

    def reference(self, day_first: Optional[bool]) -> Optional[datetime.date]:
        """Return the first complete date of the fields of the record.

        Parameters
        ----------
        day_first : bool or None
            Order of ``03/04/2020``.
        """
        dates = (_read_date(value, day_first) for value in self.values)
        return next((date for date in dates if date is not None), None)


@dataclass
class DateHintTable:
    """Hints about the dates of all records of a file.

    The order of a patient's records decides for records of that patient that leave it open; if
    they do not show it, the order of all records of the file decides.
    """

    _by_patient: dict[str, Orders] = field(default_factory=dict)
    _of_file: Orders = field(default_factory=Orders)
    _records: dict[int, DateCollector] = field(default_factory=dict)

    def add(self, row: int, identity: str, collector: DateCollector) -> None:
        """Add a record.

        Parameters
        ----------
        row : int
            Row of the record.
        identity : str
            Identity of its patient.
        collector : DateCollector
            Collector that has visited the record.
        """
        known = self._by_patient.get(identity, Orders())
        self._by_patient[identity] = known | collector.orders
        self._of_file |= collector.orders
        if collector.values:
            self._records[row] = collector

    def find(self, row: int, identity: str) -> DateHints:
        """Return the hints for the record of a row.

        Parameters
        ----------
        row : int
            Row of the record.
        identity : str
            Identity of its patient.
        """
        orders = self._by_patient.get(identity, Orders())
        if orders == Orders():
            orders = self._of_file
        day_first = orders.decision
        record = self._records.get(row)
        return DateHints(day_first, record.reference(day_first) if record else None)


def _read_date(value: str, day_first: Optional[bool]) -> Optional[datetime.date]:
    """Return the complete date of a field, which may be compact: ``20200131101500``."""
    text = value.strip()[:_DATE_MAX_CHARACTERS]
    if text[:8].isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    elif text[10:11] in ("T", " ") and text[4:5] == "-":
        text = text[:10]
    parts = parse_date_text(text, day_first)
    if parts is None or not (parts.year and parts.month and parts.day):
        return None
    return representative_date(parts)
