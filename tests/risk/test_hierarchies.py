from __future__ import annotations

from typing import Optional

import pytest

from safelight.risk.hierarchies import HIERARCHIES, describe_level, generalise, generalise_date


@pytest.mark.parametrize(
    ("column", "level", "value", "expected"),
    [
        ("patient_age", 0, "047Y", "047Y"),
        ("patient_age", 1, "047Y", "045Y"),
        ("patient_age", 2, "047Y", "040Y"),
        ("patient_age", 3, "099Y", "080Y"),
        ("patient_age", 1, "099Y", "090Y"),
        ("patient_age", 1, "018M", "000Y"),
        ("patient_age", 1, "old", None),
        ("patient_age", 4, "047Y", None),
        ("patient_sex", 1, "F", None),
        ("patient_size", 1, "1.79", "1.70"),
        ("patient_size", 2, "1.79", "1.60"),
        ("patient_weight", 1, "83.5", "80"),
        ("patient_weight", 1, "heavy", None),
        ("modality", 3, "CT", "CT"),
        ("patient_age", 2, None, None),
    ],
)
def test_levels(column: str, level: int, value: Optional[str], expected: Optional[str]) -> None:
    assert generalise(column, level, value) == expected


@pytest.mark.parametrize("column", sorted(HIERARCHIES))
def test_the_last_level_removes_the_value(column: str) -> None:
    assert generalise(column, HIERARCHIES[column].last_level, "1") is None


def test_a_higher_level_never_separates_values_of_a_lower_one() -> None:
    ages = [f"{age:03d}Y" for age in range(120)]
    for level in range(1, HIERARCHIES["patient_age"].last_level):
        groups: dict[Optional[str], set[Optional[str]]] = {}
        for age in ages:
            lower = generalise("patient_age", level, age)
            groups.setdefault(lower, set()).add(generalise("patient_age", level + 1, age))
        assert all(len(group) == 1 for group in groups.values())


@pytest.mark.parametrize(
    ("level", "expected"),
    [(0, "20200517"), (1, "20200501"), (2, "20200401"), (3, "20200101"), (4, None)],
)
def test_dates_are_generalised_to_the_first_day(level: int, expected: str | None) -> None:
    assert generalise("study_date", level, "20200517") == expected


def test_the_time_of_a_date_stays_and_an_incomplete_date_is_removed() -> None:
    assert generalise_date("20200517101530.5+0100", 1) == "20200501101530.5+0100"
    assert generalise_date("2020", 1) is None


@pytest.mark.parametrize(
    ("column", "level", "words"),
    [
        ("patient_age", 0, "not generalised"), ("modality", 3, "not generalised"),
        ("patient_age", 2, "bands of 10 years, one from 90"),
        ("patient_age", 3, "bands of 20 years, one from 80"),
        ("patient_size", 2, "bands of 20 cm"), ("study_date", 2, "first day of the quarter"),
        ("patient_weight", 3, "removed"), ("patient_sex", 1, "removed"),
    ],
)  # fmt: skip
def test_a_level_is_described_in_words(column: str, level: int, words: str) -> None:
    assert describe_level(column, level) == words
