from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.headers.date_shift import CONSTANT_DATES, is_time, shift_date

DAYS = st.integers(-1095, 1095).filter(bool)
DATES = st.dates(date(1905, 1, 1), date(2090, 1, 1)).filter(
    lambda day: day.strftime("%Y%m%d") not in CONSTANT_DATES
)


@pytest.mark.parametrize(
    ("value", "days", "expected"),
    [
        ("20200301", -1, "20200229"),
        ("2020.03.01", -1, "2020.02.29"),
        ("20200301-20200305", -1, "20200229-20200304"),
        ("20200301-", -1, "20200229-"),
        ("-20200301", -1, "-20200229"),
        ("20200301120000.123456+0100", -1, "20200229120000.123456+0100"),
        ("20200301120000-0500", 1, "20200302120000-0500"),
        ("2020030112-2020030212", 1, "2020030212-2020030312"),
        ("202003", -31, "202001"),
        ("2020", -1, "2019"),
        ("20200301 ", 1, "20200302"),
        ("", 1, ""),
    ],
)
def test_shifted_date_keeps_its_format(value: str, days: int, expected: str) -> None:
    assert shift_date(value, days) == expected


@pytest.mark.parametrize(
    "value", ["20201301", "01/02/2020", "SMITH", "20200301SMITH", "2020030", "20200231", "-", "1"]
)
def test_value_that_is_not_a_date_is_rejected(value: str) -> None:
    assert shift_date(value, -5) is None


@pytest.mark.parametrize("value", ["19000101", "00010101", "00000000", "19000101000000"])
def test_placeholder_is_kept(value: str) -> None:
    assert shift_date(value, -5) == value


def test_date_before_year_one_is_rejected() -> None:
    assert shift_date("00010301", -365) is None


@given(DATES, DATES, DAYS)
def test_intervals_are_kept(first: date, second: date, days: int) -> None:
    def shifted(day: date) -> date:
        text = shift_date(day.strftime("%Y%m%d"), days)
        assert text is not None
        return datetime.strptime(text, "%Y%m%d").date()

    assert shifted(second) - shifted(first) == second - first


@given(DATES, DAYS)
def test_date_moves_by_the_shift(day: date, days: int) -> None:
    expected = (day + timedelta(days=days)).strftime("%Y%m%d")
    assert shift_date(day.strftime("%Y%m%d"), days) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120000.000", True),
        ("12:30:00", True),
        ("12", True),
        ("0800-1200", True),
        ("SMITH", False),
        ("20200101", False),
        ("120000 SMITH", False),
    ],
)
def test_time_of_day_is_recognized(value: str, expected: bool) -> None:
    assert is_time(value) is expected
