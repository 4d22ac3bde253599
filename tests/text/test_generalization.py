from __future__ import annotations

import pytest

from safelight.text.generalization import (
    generalize_age,
    generalize_birth,
    generalize_date,
    generalize_zip,
    oldest_birth_year,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45", "40-49"),
        ("45-year-old", "40-49-year-old"),
        ("90", "90+"),
        ("ninety-six", "90+"),
        ("3 months", None),
        ("old", None),
        ("4 or 5", None),
    ],
)
def test_an_age_becomes_a_band_of_ten_years(text: str, expected: str | None) -> None:
    assert generalize_age(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("62701", "627**"), ("62701-1234", "627**"), ("03601", "000**"), ("6270", None),
     ("SW1A 1AA", None)],
)  # fmt: skip
def test_a_zip_code_keeps_three_digits_unless_few_people_live_there(
    text: str, expected: str | None
) -> None:
    assert generalize_zip(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("March 3, 2020", "2020"), ("March", None)])
def test_a_date_becomes_its_year(text: str, expected: str | None) -> None:
    assert generalize_date(text) == expected


def test_a_birth_date_becomes_its_shifted_year() -> None:
    assert generalize_birth("01/05/1980", -10) == "1979"


def test_birth_years_of_people_over_89_become_one_year() -> None:
    assert generalize_birth("01/05/1901", -10) == str(oldest_birth_year())


def test_the_oldest_birth_year_is_that_of_age_90() -> None:
    assert oldest_birth_year(2020) == 1930
