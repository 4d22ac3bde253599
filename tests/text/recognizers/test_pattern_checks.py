from __future__ import annotations

import pytest

from safelight.text.recognizers.pattern_checks import (
    checks,
    has_distinctive_word,
    has_month_name,
    is_ip_v6,
    is_month_and_day,
    is_not_public_code,
    is_phone_number,
    is_practice,
    is_street,
    is_town,
    trims,
)
from safelight.text.recognizers.patterns import patterns


def test_patterns_refer_to_every_function() -> None:
    assert {p.check for p in patterns() if p.check} == set(checks())
    assert {p.trim for p in patterns() if p.trim} == set(trims())


@pytest.mark.parametrize(
    ("text", "expected"), [("3/14", True), ("5/5", False), ("8/10", False), ("13/2", False)]
)
def test_a_score_is_not_a_month_and_day(text: str, expected: bool) -> None:
    assert is_month_and_day(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("May 5", True), ("may 5", False), ("june 5", True)]
)
def test_a_lower_case_verb_is_not_a_month(text: str, expected: bool) -> None:
    assert has_month_name(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("fe80::1", True), ("10:30:00", False)])
def test_a_time_is_not_an_ip_address(text: str, expected: bool) -> None:
    assert is_ip_v6(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("+49 30 1234567", True), ("2020-03-14", False), ("1234", False)]
)
def test_a_date_is_not_a_phone_number(text: str, expected: bool) -> None:
    assert is_phone_number(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("NCT01234567", False), ("AB1234567", True)])
def test_the_number_of_a_trial_is_public(text: str, expected: bool) -> None:
    assert is_not_public_code(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123 Main St", True),
        ("2 Chest CT", False),
        ("12 St. Mary Dr", True),
        ("1 PRBC. Call Dr.", False),
    ],
)
def test_an_examination_or_an_order_is_not_a_street(text: str, expected: bool) -> None:
    assert is_street(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Lakovia Hospital", True), ("Outside Hospital", False), ("Philips Healthcare", False)],
)
def test_everyday_words_and_makers_do_not_name_an_institution(text: str, expected: bool) -> None:
    assert has_distinctive_word(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("Opelika", True), ("page", False)])
def test_an_everyday_word_is_not_a_town(text: str, expected: bool) -> None:
    assert is_town(text) is expected


def test_practice_has_a_name_that_is_no_speciality() -> None:
    assert is_practice("Northgate Surgery")
    for text in ("Cardiothoracic Surgery", "Mohs Surgery", "General Surgery", "Private Practice"):
        assert not is_practice(text)
