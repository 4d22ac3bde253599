"""The age is derived before the birth date is removed, where the rules keep ages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.headers.derived_age import count_age
from tests.headers.objects import deidentify, make_object, method_codes

OWN_RULES = "name: x\nversion: 1\nextends: research\n"
DATES = {"PatientBirthDate": "19700518", "StudyDate": "20240517"}


@pytest.mark.parametrize(
    ("birth", "day", "expected"),
    [
        ((1970, 5, 17), (2024, 5, 17), "054Y"),
        ((1970, 5, 18), (2024, 5, 17), "053Y"),
        ((2022, 5, 18), (2024, 5, 17), "023M"),
        ((2022, 5, 17), (2024, 5, 17), "002Y"),
        ((2024, 5, 17), (2024, 5, 17), "000M"),
        ((2024, 5, 18), (2024, 5, 17), None),
        ((1870, 1, 1), (2024, 5, 17), None),
    ],
)
def test_an_age_is_counted_in_years_or_months(
    birth: tuple[int, int, int], day: tuple[int, int, int], expected: str | None
) -> None:
    assert count_age(date(*birth), date(*day)) == expected


@given(st.dates(date(1930, 1, 1)), st.dates(date(1930, 1, 1), date(9998, 12, 31)))
def test_an_age_never_decreases(birth: date, day: date) -> None:
    def months(on: date) -> int:
        age = count_age(birth, on)
        return -1 if age is None else int(age[:3]) * (12 if age[3] == "Y" else 1)

    later = day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else day
    assert months(later) >= months(day) or later.year - birth.year > 130


def test_the_age_of_a_patient_without_one_is_derived() -> None:
    new, result = deidentify(make_object(PatientAge="", **DATES))
    assert new.PatientAge == "053Y" and not new.PatientBirthDate
    [action] = [one for one in result.actions if one.keyword == "PatientAge"]
    assert (action.action, action.detail) == ("inserted", "from the birth date and the study date")
    assert "113108" in method_codes(new)
    assert result.catalog["patient_age_years"] == 53.0


def test_an_age_over_89_is_one_category() -> None:
    new, _ = deidentify(make_object(PatientAge="", **DATES | {"PatientBirthDate": "19200101"}))
    assert new.PatientAge == "090Y"


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        ("research", DATES | {"PatientAge": "044Y"}),
        ("research", DATES | {"PatientBirthDate": "19000101"}),
        ("research", DATES | {"StudyDate": ""}),
        ("research", DATES | {"PatientBirthDate": "18 May"}),
        ("basic", DATES),
        (
            OWN_RULES + "elements: [{tag: PatientAge, action: remove}]",
            DATES,
        ),
        (
            OWN_RULES + "elements: [{tag: PatientBirthDate, action: keep}]",
            DATES,
        ),
    ],
)
def test_no_age_is_derived(rules: str, values: dict[str, str]) -> None:
    new, _ = deidentify(make_object(**{"PatientAge": "", **values}), rules)
    assert new.get("PatientAge", "") == (values.get("PatientAge", ""))


def test_a_rule_for_ages_holds_for_a_derived_one() -> None:
    rules = OWN_RULES + "elements: [{tag: PatientAge, action: generalise, width: 10}]"
    new, _ = deidentify(make_object(PatientAge="", **DATES), rules)
    assert new.PatientAge == "050Y"


def test_an_age_that_the_rules_add_wins() -> None:
    rules = OWN_RULES + "add: [{tag: PatientAge, value: 001Y}]"
    new, _ = deidentify(make_object(PatientAge="", **DATES), rules)
    assert new.PatientAge == "001Y"


def test_noise_is_added_to_a_derived_age() -> None:
    rules = OWN_RULES + "elements: [{tag: PatientAge, action: perturb, by: [-7300, -3650]}]\n"
    new, _ = deidentify(make_object(**DATES), rules)
    assert 33 <= int(new.PatientAge[:3]) <= 43 and new.PatientAge[3] == "Y"
