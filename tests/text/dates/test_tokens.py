from __future__ import annotations

import pytest

from safelight.text.dates.tokens import copy_initial_case, tokenize


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokenize(text) or [] if token.text != " "]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tuesday, March 3rd", ["weekday", "other", "month", "number"]),
        ("10:30 AM", ["time"]),
        ("mid March", ["word", "month"]),
        ("02JAN1980", ["number", "month", "number"]),
    ],
)
def test_tokens_have_a_kind(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize("text", ["3 kg", "March & April", "soon"])
def test_text_with_other_words_or_signs_is_not_a_date(text: str) -> None:
    assert tokenize(text) is None


def test_all_names_are_read_in_one_language() -> None:
    tokens = tokenize("martes 3 mar") or []
    assert [token.language for token in tokens if token.language] == ["es", "es"]


@pytest.mark.parametrize(
    ("suffix_of", "day", "expected"), [("3rd", 2, "nd"), ("1er", 2, ""), ("3RD", 11, "TH")]
)
def test_an_ordinal_ending_fits_its_day(suffix_of: str, day: int, expected: str) -> None:
    [token] = tokenize(suffix_of) or []
    assert token.ordinal(day) == expected


@pytest.mark.parametrize(
    ("model", "expected"), [("MAR", "APRIL"), ("Mar", "April"), ("mar", "april")]
)
def test_the_case_of_the_model_is_copied(model: str, expected: str) -> None:
    assert copy_initial_case("april", model) == expected
