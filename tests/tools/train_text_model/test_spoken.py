from __future__ import annotations

from datetime import date
from random import Random

import pytest

from tools.train_text_model import spoken


@pytest.mark.parametrize(
    ("value", "joiner", "expected"), [(96, "-", "ninety-six"), (104, " ", "one hundred four")]
)
def test_a_number_is_written_in_words(value: int, joiner: str, expected: str) -> None:
    assert spoken.number(value, joiner) == expected


def test_an_ordinal_is_written_in_words() -> None:
    assert spoken.ordinal(31) == "thirty first"


def test_a_date_has_several_spoken_forms() -> None:
    forms = {spoken.day(Random(seed), date(2009, 5, 12)) for seed in range(300)}
    assert {"may twelfth two thousand nine", "five twelve"} <= forms


def test_a_number_is_spoken_digit_by_digit() -> None:
    forms = {spoken.digits(Random(seed), 3) for seed in range(500)}
    assert any(form.startswith("double ") for form in forms)
    assert all(2 <= len(form.split()) <= 3 for form in forms)
