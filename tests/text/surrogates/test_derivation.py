from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelight.pseudonyms import Pseudonyms
from safelight.text.surrogates.derivation import (
    copy_case,
    derive_number,
    fold_name_part,
    pick_other,
    surrogate_characters,
)

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
PATIENT = PSEUDONYMS.patient("12345")


@given(st.text("0123456789", min_size=4, max_size=14), st.integers(0, 4))
def test_digits_keep_their_number_and_lose_their_value(core: str, zeros: int) -> None:
    assume(core.strip("0") and len(core.lstrip("0")) > 1)
    original = "0" * zeros + core
    surrogate = surrogate_characters(original, PSEUDONYMS, PATIENT)
    assert len(surrogate) == len(original) and surrogate.isdigit()
    assert surrogate != original
    plain = surrogate_characters(core.lstrip("0"), PSEUDONYMS, PATIENT)
    assert surrogate.lstrip("0") == plain


def test_a_choice_is_never_the_original_or_part_of_it() -> None:
    assert pick_other("city", "York", PSEUDONYMS, PATIENT, ["York", "New York", "Rome"]) == "Rome"


def test_no_choice_is_possible_without_others() -> None:
    assert pick_other("city", "York", PSEUDONYMS, PATIENT, ["York"]) == ""


def test_numbers_depend_on_key_patient_kind_and_text() -> None:
    others = [
        derive_number(Pseudonyms(bytes(range(32, 64)), "tests"), PATIENT, "name", "a", 10**9),
        derive_number(PSEUDONYMS, PSEUDONYMS.patient("2"), "name", "a", 10**9),
        derive_number(PSEUDONYMS, PATIENT, "sex", "a", 10**9),
        derive_number(PSEUDONYMS, PATIENT, "name", "b", 10**9),
    ]
    assert len({derive_number(PSEUDONYMS, PATIENT, "name", "a", 10**9), *others}) == 5


def test_spellings_of_a_name_part_have_one_form() -> None:
    assert fold_name_part("Müller") == fold_name_part("MUELLER") == fold_name_part("Muller")


@pytest.mark.parametrize(
    ("model", "expected"), [("SMITH", "JONES"), ("smith", "jones"), ("Smith", "Jones")]
)
def test_the_case_of_the_model_is_copied(model: str, expected: str) -> None:
    assert copy_case("jones", model) == expected
