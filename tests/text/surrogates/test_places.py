from __future__ import annotations

import re

import pytest

from safelight.pseudonyms import Pseudonyms
from safelight.text.lexicon.word_lists import word_set
from safelight.text.surrogates.places import surrogate_place

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
PATIENT = PSEUDONYMS.patient("12345")


def test_an_institution_keeps_its_kind() -> None:
    hospital = surrogate_place("Mercy General Hospital", "HOSPITAL", PSEUDONYMS, PATIENT)
    assert hospital.endswith(" General Hospital") and "Mercy" not in hospital


def test_a_street_keeps_its_format() -> None:
    street = surrogate_place("123 Main St", "STREET", PSEUDONYMS, PATIENT)
    assert re.fullmatch(r"\d{3} \w+ St", street) and "Main" not in street and "123" not in street


@pytest.mark.parametrize(
    ("text", "states"),
    [("IL", "us_states.surrogate_code"), ("Illinois", "us_states.surrogate_name")],
)
def test_a_state_becomes_another_state(text: str, states: str) -> None:
    state = surrogate_place(text, "STATE", PSEUDONYMS, PATIENT)
    assert state in word_set(states) and state != text


def test_a_town_and_its_state_are_both_replaced() -> None:
    town, _, state = surrogate_place("Opelika, AL", "CITY", PSEUDONYMS, PATIENT).partition(", ")
    assert town != "Opelika" and re.fullmatch("[A-Z]{2}", state) and state != "AL"


def test_a_zip_code_keeps_its_digits_count() -> None:
    assert re.fullmatch(r"\d{5}", surrogate_place("62701", "ZIP", PSEUDONYMS, PATIENT))
