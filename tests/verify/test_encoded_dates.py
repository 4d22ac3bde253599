"""Dates in the forms of computers."""

from __future__ import annotations

from datetime import date

import pytest

from safelight.verify.encoded_dates import EncodedDates

DAY = date(2024, 3, 10)
DATES = EncodedDates([DAY, date(1951, 7, 4)])


@pytest.mark.parametrize(
    "written",
    [
        "2024070", "2024-070", "2024/070", "day 70 of 2024", "Day 070, 2024", "2024-W10-7",
        "2024W107", "240310", "100324", "031024", "10032024", "03102024", "2403101530",
        "240310153059", "1710065472", "1710065472.5", "1710065472123", "1710065472123456",
        "45361", "45361.423", "2460380", "60379.25", "738955", "01304202", "134d7b6", "0x134D7B6",
        "65ed8740",
    ],
)  # fmt: skip
@pytest.mark.parametrize("template", ["{}", "scan ({})", "file_{}_a", "CHEST {}."])
def test_a_date_in_another_form_is_found(template: str, written: str) -> None:
    assert list(DATES.find_in_text(template.format(written))) == [DAY]


@pytest.mark.parametrize(
    "text",
    [
        "CHEST PA AND LATERAL", "2024071", "2024-70", "day 70", "2024-W10-6", "240311",
        "2403109930", "1240310", "1.240310.7", "1700000000", "45362", "60379", "2460381",
        "20240310999999999999", "day 999 of 2024", "9999-W99-1", "134d7b7", "2024366",
    ],
)  # fmt: skip
def test_other_numbers_are_not(text: str) -> None:
    assert list(DATES.find_in_text(text)) == []


def test_a_time_in_another_time_zone_is_found() -> None:
    assert list(DATES.find_in_text("1710036000")) == [DAY]  # 02:00 UTC
    assert list(DATES.find_in_text("1710118800")) == [DAY]  # 01:00 UTC of the next day


@pytest.mark.parametrize("written", ["45361", "45361.0", "1710065472", "240310", " 2024070"])
def test_a_number_that_is_a_date_is_found(written: str) -> None:
    assert list(DATES.find_in_number(written)) == [DAY]


@pytest.mark.parametrize("written", ["-45361", "4.5e4", "nan", "45361 mm", ""])
def test_another_number_is_not(written: str) -> None:
    assert list(DATES.find_in_number(written)) == []
