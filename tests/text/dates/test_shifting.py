"""Dates are shifted by whole days and keep their format."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.dates.parsing import parse_date_text
from safelight.text.dates.shifting import shift_date_text


@pytest.mark.parametrize(
    ("text", "days", "expected"),
    [
        ("Tuesday, March 3rd, 2020", -10, "Saturday, February 22nd, 2020"),
        ("19800102", -10, "19791223"),
        ("20200314103000.123", -10, "20200304103000.123"),
        ("2020-03-14T10:30:00Z", 20, "2020-04-03T10:30:00Z"),
        ("01/02/1980", 20, "01/22/1980"),
        ("1/2/80", -10, "12/23/79"),
        ("02JAN1980", -10, "23DEC1979"),
        ("05MAY2020", -10, "25APR2020"),
        ("02.01.1980", 1, "03.01.1980"),
        ("Mi, 02.01.1980", 1, "Do, 03.01.1980"),
        ("2 de enero de 1980", -10, "23 de diciembre de 1979"),
        ("1er janvier 1980", 20, "21 janvier 1980"),
        ("2. Januar 1980", -10, "23. Dezember 1979"),
        ("JAN 2 1980", -10, "DEC 23 1979"),
        ("Sept. 3, 2020", -10, "Aug. 24, 2020"),
        ("March 2020", 30, "April 2020"),
        ("03/2020", 30, "04/2020"),
        ("March 14", -10, "March 4"),
        ("3/14", 20, "4/3"),
        ("Monday", -10, "Friday"),
        ("MONDAYS", -10, "FRIDAYS"),
        ("mid-March", 40, "mid-April"),
        ("2020", -365, "2019"),
        ("3/14/2020 10:30 AM", -10, "3/4/2020 10:30 AM"),
        ("3/1/2020 - 3/5/2020", -10, "2/20/2020 - 2/24/2020"),
        ("20200314-20200320", -10, "20200304-20200310"),
        ("2020年3月14日", -10, "2020年3月4日"),
    ],
)
def test_the_format_is_kept(text: str, days: int, expected: str) -> None:
    assert shift_date_text(text, days) == expected


@pytest.mark.parametrize(
    "text", ["1980s", "2020-02-30", "March 30-5, 2020", "soon", "", "9999-12-31 x", "12/13/14/15"]
)
def test_text_that_is_not_a_date_is_not_shifted(text: str) -> None:
    assert shift_date_text(text, 30) is None


FORMATS = ["%Y%m%d", "%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%d %b %Y", "%d.%m.%Y", "%A, %d %B %Y",
           "%d%b%Y", "%Y/%m/%d", "%Y-%m-%dT%H:%M:%S"]  # fmt: skip
DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31))


@given(DATES, DATES, st.sampled_from(FORMATS), st.integers(-1095, 1095))
def test_intervals_are_kept(
    first: datetime.date, second: datetime.date, form: str, days: int
) -> None:
    shifted = [shift_date_text(day.strftime(form), days) for day in (first, second)]
    assert None not in shifted
    parts = [parse_date_text(text or "") for text in shifted]
    dates = [datetime.date(p.year or 0, p.month or 0, p.day or 0) for p in parts if p]
    assert dates[1] - dates[0] == second - first
    assert dates[0] - first == datetime.timedelta(days)


@given(st.text(max_size=60), st.integers(-5000, 5000))
def test_any_text_is_accepted(text: str, days: int) -> None:
    shift_date_text(text, days)


def test_a_time_without_a_colon_is_kept() -> None:
    assert shift_date_text("11/02/2021 0347", -100) == "07/25/2021 0347"
