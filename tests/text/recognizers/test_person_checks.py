from __future__ import annotations

import pytest

from safelight.text.recognizers.person_checks import (
    find_lower_case_name_end,
    find_name_end,
    is_full_person_name,
    is_initials,
    is_person,
    is_person_after_role,
    is_person_in_capitals,
    is_person_in_lower_case,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DR KOWALCZYK NO FEVER", "DR KOWALCZYK"),
        ("Kowalczyk ABD W CONTRAST", "Kowalczyk"),
        ("Camille DUBREUIL", "Camille DUBREUIL"),
        ("Kowalczyk Chest", "Kowalczyk"),
        ("SMITH^JOHN", "SMITH^JOHN"),
    ],
)
def test_a_name_ends_before_words_that_cannot_be_names(text: str, expected: str) -> None:
    assert text[: find_name_end(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("vincent sanchez", "vincent sanchez"), ("patel said", "patel")]
)
def test_a_lower_case_name_ends_before_a_verb(text: str, expected: str) -> None:
    assert text[: find_lower_case_name_end(text)] == expected


@pytest.mark.parametrize(("text", "expected"), [("Kowalczyk", True), ("denies pain", False)])
def test_answers_and_clinical_words_are_not_persons(text: str, expected: bool) -> None:
    assert is_person(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("Rose Black", True), ("Rose", False)])
def test_a_full_name_has_two_names(text: str, expected: bool) -> None:
    assert is_full_person_name(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("PATELSON", True), ("ENTEROGRAPHY", False)])
def test_an_examination_after_a_modality_is_not_a_person(text: str, expected: bool) -> None:
    assert is_person_in_capitals(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("patel", True), ("appointment", False)])
def test_an_everyday_word_is_not_a_lower_case_person(text: str, expected: bool) -> None:
    assert is_person_in_lower_case(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("Kowalczyk", True), ("SICU", False)])
def test_an_abbreviation_after_a_role_is_not_a_person(text: str, expected: bool) -> None:
    assert is_person_after_role(text) is expected


@pytest.mark.parametrize(("text", "expected"), [("cmr", True), ("US", False), ("yes", False)])
def test_modalities_and_words_are_not_initials(text: str, expected: bool) -> None:
    assert is_initials(text) is expected
