"""Test the conversion of dates, ages and numbers."""

from __future__ import annotations

from typing import Optional

import pytest

from safelight.notes.field_values import (
    cap_age,
    is_number,
    is_short_number,
    shift_date,
    shifted_birth_year,
)


@pytest.mark.parametrize("text", ["1", "-1.5", "+2,5", ".5", "1e-3", "50%", " 7 "])
def test_numbers_are_recognized(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "a", "1-2", "1.2.3", "1" * 40])
def test_other_text_is_not_a_number(text: str) -> None:
    assert not is_number(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("123456", True), ("1234567", False), ("1.23456789", True), ("12345678.9", False)],
)
def test_a_number_is_short_if_it_has_fewer_than_seven_digits(text: str, expected: bool) -> None:
    assert is_short_number(text) is expected


@pytest.mark.parametrize(
    ("text", "shifted"),
    [
        ("20200131", "20200201"),
        ("2020-01-31", "2020-02-01"),
        ("20200131101500-0500", "20200201101500-0500"),
        ("01/31/2020", "02/01/2020"),
        ("no date", None),
    ],
)
def test_dates_are_shifted_in_their_written_form(text: str, shifted: Optional[str]) -> None:
    assert shift_date(text, 1) == shifted


@pytest.mark.parametrize(
    ("text", "year"), [("1950-03-04", "1950"), ("1900-01-01", "1936"), ("no date", None)]
)
def test_a_birth_date_becomes_a_year_not_before_the_oldest(text: str, year: Optional[str]) -> None:
    assert shifted_birth_year(text, 0, 1936) == year


@pytest.mark.parametrize(
    ("text", "capped"), [("45", "45"), ("93", "90"), ("093Y", "090Y"), ("005M", "005M")]
)
def test_ages_over_89_years_are_capped(text: str, capped: str) -> None:
    assert cap_age(text) == capped


@pytest.mark.parametrize(
    "text", ["19000101", "1900-01-01", "1900-01-01T00:00:00Z", "9999-12-31", "1970-01-01"]
)
def test_a_placeholder_is_not_shifted_in_any_coded_form(text: str) -> None:
    assert shift_date(text, -100) == text


def test_a_day_after_a_placeholder_is_shifted() -> None:
    assert shift_date("1900-01-02", 1) == "1900-01-03"
