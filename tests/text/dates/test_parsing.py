from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.dates.parsing import DateParts, parse_date_text, representative_date


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("20200314", (2020, 3, 14)),
        ("2020-03-14T10:30:00Z", (2020, 3, 14)),
        ("3/14/20", (2020, 3, 14)),
        ("14.3.2020", (2020, 3, 14)),
        ("14. März 2020", (2020, 3, 14)),
        ("March 2020", (2020, 3, None)),
        ("3/2020", (2020, 3, None)),
        ("March 3rd", (None, 3, 3)),
        ("2020", (2020, None, None)),
        ("Monday", (None, None, None)),
        ("Jan '69", (1969, 1, None)),
        ("Jan '68", (2068, 1, None)),
    ],
)
def test_a_written_date_is_parsed(text: str, parts: tuple[int | None, ...]) -> None:
    assert parse_date_text(text) == DateParts(*parts)


@pytest.mark.parametrize("text", ["", "soon", "2020-02-30", "13/14/2020", "1980s", "1/2/3/4"])
def test_other_text_is_not_a_date(text: str) -> None:
    assert parse_date_text(text) is None


@pytest.mark.parametrize(("day_first", "month"), [(None, 3), (False, 3), (True, 4)])
def test_an_ambiguous_date_is_parsed_in_the_given_order(day_first: bool | None, month: int) -> None:
    parts = parse_date_text("03/04/2020", day_first)
    assert parts is not None and parts.month == month


@pytest.mark.parametrize(
    ("parts", "date"),
    [
        ((2020, 3, None), datetime.date(2020, 3, 15)),
        ((2020, None, None), datetime.date(2020, 7, 2)),
        ((None, 2, 29), datetime.date(2004, 2, 29)),
        ((2021, 2, 29), None),
    ],
)
def test_a_partial_date_is_represented_by_its_middle(
    parts: tuple[int | None, ...], date: datetime.date | None
) -> None:
    assert representative_date(DateParts(*parts)) == date


@given(st.text(max_size=60))
def test_any_text_is_accepted(text: str) -> None:
    parse_date_text(text)
