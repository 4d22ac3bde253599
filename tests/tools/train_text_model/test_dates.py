from __future__ import annotations

from random import Random

import pytest

from safelight.text.dates.parsing import parse_date_text
from tools.train_text_model import dates


def test_the_halves_have_no_day_in_common() -> None:
    train, test = (
        {dates.any_day(Random(seed), split) for seed in range(300)} for split in ("train", "test")
    )
    assert not train & test


@pytest.mark.parametrize("seed", range(20))
def test_a_dicom_date_starts_with_its_year_or_month(seed: int) -> None:
    day = dates.any_day(Random(seed), "train")
    text = dates.dicom(Random(seed), day)
    assert text.startswith((f"{day.year}", f"{day.month:02}"))


def test_numbers_of_month_and_day_are_a_date() -> None:
    day = dates.any_day(Random(3), "train")
    assert parse_date_text(dates.month_and_day(Random(3), day))


def test_rare_forms_of_a_date_have_its_year_and_short_forms_do_not() -> None:
    day = dates.any_day(Random(3), "train")
    for seed in range(200):
        assert f"{day.year % 100:02}" in dates.varied(Random(seed), day)
        assert f"{day.year}" not in dates.short(Random(seed), day)
