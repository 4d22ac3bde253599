"""Test that formulas of spreadsheets are neutralized."""

from __future__ import annotations

import pytest

from safelight.text.formulas import neutralize_formula, neutralize_row, restore_formula


@pytest.mark.parametrize(
    "value",
    [
        "=1+1", '=HYPERLINK("http://x.test")', "=cmd|' /C calc'!A0", "@SUM(1)",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0", "+SUM(A1)", "-2+HYPERLINK(A1)", "\t=1+1", "\r=1", " =1+1",
    ],
)  # fmt: skip
def test_a_formula_gets_an_apostrophe(value: str) -> None:
    assert neutralize_formula(value) == f"'{value}"
    assert restore_formula(f"'{value}") == value


@pytest.mark.parametrize(
    "value",
    ["", "a=1", "-1.5", "+3", "- chest pain (mild)", "-3 (improved)", "+1 617 555 0142", "--"],
)
def test_numbers_and_text_are_unchanged(value: str) -> None:
    assert neutralize_formula(value) == restore_formula(value) == value


def test_an_apostrophe_before_a_text_stays() -> None:
    assert restore_formula("'s Gravenhage") == "'s Gravenhage"


def test_a_long_field_takes_linear_time() -> None:
    assert neutralize_formula("+" + "a" * 1_000_000).startswith("+")


def test_only_the_texts_of_a_row_are_neutralized() -> None:
    assert neutralize_row(("=1+1", -1, None, "a")) == ["'=1+1", -1, None, "a"]
