from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.releases.time_shift import shift_time, shift_time_of_date_time

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "shift", "expected"),
    [
        ("101500", HOUR, "111500"),
        ("101500.25", HOUR + 500_000, "111500.75"),
        ("2330", HOUR, "0030"),
        ("00", -HOUR, "23"),
        ("10:15", HOUR, ""),
        ("noon", HOUR, ""),
    ],
)
def test_a_time_is_shifted_within_its_day(text: str, shift: int, expected: str) -> None:
    assert shift_time(text, shift) == expected


@given(st.integers(0, 86399), st.integers(-2 * HOUR, 2 * HOUR))
def test_a_shift_back_gives_the_time_again(seconds: int, shift: int) -> None:
    text = f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}.000000"
    assert shift_time(shift_time(text, shift), -shift) == text


def test_the_date_and_the_zone_of_a_date_time_stay() -> None:
    assert shift_time_of_date_time("20200102101500+0100", HOUR) == "20200102111500+0100"
    assert shift_time_of_date_time("202001", HOUR) == "202001"
    assert shift_time_of_date_time("2020010299", HOUR) == "20200102"
