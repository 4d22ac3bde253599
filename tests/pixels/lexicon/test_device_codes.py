from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.lexicon.device_codes import is_device_code, is_version


@pytest.mark.parametrize(
    "code",
    ["18L6HD", "i8CX1", "PVT-375BT", "UST-5412", "C41L47RP", "CA1-7A", "SC5-1U", "CF-HQ190L",
     "EG29-i10", "1.2E0.5R4T", "RAB6-D", "VB19A", "395*395", "v2.1.0"],
)  # fmt: skip
def test_codes_of_makers_are_device_codes(code: str) -> None:
    assert is_device_code(code)


@given(st.from_regex(r"[A-Z]{0,3}-?[0-9]{6,10}[A-Z]{0,2}", fullmatch=True))
def test_numbers_of_patients_are_no_device_codes(number: str) -> None:
    assert not is_device_code(number)


@given(st.from_regex(r"[A-Z][a-z]{2,10}", fullmatch=True))
def test_words_are_no_device_codes(word: str) -> None:
    assert re.search(r"\d", word) is None
    assert not is_device_code(word)


def test_a_version_follows_a_word_for_it() -> None:
    assert is_version("6.12.4", "Software Version: ")
    assert is_version("15.0_M4_0910.a", "MR Software release:")
    assert not is_version("6.12.24", "Exam: ")
    assert not is_version("Lindgren", "Software Version: ")
