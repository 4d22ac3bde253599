from __future__ import annotations

import datetime

import pytest

from safelight.text.known.dates import CONSTANT_DATES, date_needles, read_known_date
from safelight.text.known.known_phi import KnownValue
from tests.text.known.finding import find_texts


@pytest.mark.parametrize(
    "text",
    ["19800102", "01/02/1980", "2 Jan 1980", "January 2nd, 1980", "1980-01-02", "1/2/80",
     "02.01.1980", "2-JAN-80", "02JAN1980", "January 2", "2 de enero de 1980", "2. Januar 1980",
     "1980/1/2", "01021980", "1980年1月2日"],
)  # fmt: skip
def test_a_known_date_is_found_in_every_format(text: str) -> None:
    assert find_texts([KnownValue("DATE", "19800102", "DOB")], f"x {text} y") == [text]


def test_other_dates_are_not_found() -> None:
    assert find_texts([KnownValue("DATE", "19800102")], "19800103 and 1980, 12/80 3 Jan") == []


def test_an_ambiguous_value_has_two_dates() -> None:
    dates = [datetime.date(1980, 1, 2), datetime.date(1980, 2, 1)]
    assert read_known_date("01/02/1980") == dates


def test_constant_dates_are_ignored() -> None:
    assert all(read_known_date(f"{date:%Y%m%d}".zfill(8)) == [] for date in CONSTANT_DATES)


def test_needles_are_the_short_year_and_the_month_names() -> None:
    assert {"80", "jan", "enero"} <= date_needles([datetime.date(1980, 1, 2)])
