"""Other texts of the patient show what the dates of a text leave open."""

from __future__ import annotations

import datetime

import pytest

from safelight.records import Span
from safelight.text.dates.hints import NO_HINTS, DateHints, Orders, pool_hints, read_orders

DAY = datetime.date(2021, 3, 14)


def dates_of(text: str, *values: str) -> list[Span]:
    begins = [text.index(value) for value in values]
    return [Span(b, b + len(v), "DATE", "regex") for b, v in zip(begins, values, strict=True)]


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("seen 13/04/2020", ("13/04/2020",), Orders(day_first=True)),
        ("seen 04/13/2020", ("04/13/2020",), Orders(month_first=True)),
        ("seen 04/03/2020", ("04/03/2020",), Orders()),
        ("13/04/2020 and 04/13/2020", (), Orders(True, True)),
        ("seen 3 April 2020", ("3 April 2020",), Orders(day_first=True)),
    ],
)
def test_orders_of_a_text_are_read(text: str, values: tuple[str, ...], expected: Orders) -> None:
    assert read_orders(text, dates_of(text, *values)) == expected


@pytest.mark.parametrize(
    ("orders", "decision"),
    [
        (Orders(), None),
        (Orders(True), True),
        (Orders(False, True), False),
        (Orders(True, True), None),
    ],
)
def test_one_order_decides(orders: Orders, decision: bool | None) -> None:
    assert orders.decision is decision
    assert orders.is_mixed is (orders == Orders(True, True))


def test_texts_of_one_object_are_pooled() -> None:
    texts = {
        "at 03/04/2020": [Span(3, 13, "DATE", "regex")],
        "13/04/2020": [Span(0, 10, "DATE", "x")],
    }
    assert pool_hints(texts, DAY) == DateHints(True, DAY)


def test_texts_without_a_date_give_no_hints() -> None:
    assert pool_hints({"13/04/2020": [], "Ann": [Span(0, 3, "NAME", "ner")]}, DAY) == NO_HINTS
