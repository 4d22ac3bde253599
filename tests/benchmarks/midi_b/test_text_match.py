from __future__ import annotations

import pytest

from benchmarks.midi_b.text_match import are_all_removed, are_all_retained, split_tokens


def test_tokens_have_no_stop_words_and_no_punctuation() -> None:
    text = "The Patient, DOE^JANE (01/02/1960) of t1_mprage; +1 555"
    assert split_tokens(text) == [
        "patient", "doe", "jane", "01/02/1960", "t1_mprage", "+1", "555",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected", "passes"),
    [
        ("CT CHEST [NAME]", "Chest CT", True),
        ("CT [NAME]", "CT CHEST", False),
        ("1.250", "1.25", True),
        ("1.2", "1.25", False),
        ("CHESTNUT", "chest", True),  # tokens are compared as substrings
    ],
)
def test_all_tokens_must_be_retained(value: str, expected: str, passes: bool) -> None:
    assert are_all_retained(value, expected) is passes


@pytest.mark.parametrize(
    ("value", "removed", "passes"),
    [
        ("CT CHEST", "Jane Doe", True),
        ("CT CHEST jane", "Jane Doe", False),
        ("DOE", "DOE^JANE", False),
        ("[LOCATION]", "Little Rock, CA 44004", True),  # "ca" is too short
        ("12", "12.0", False),
        ("", "Jane", True),
    ],
)
def test_all_tokens_must_be_removed(value: str, removed: str, passes: bool) -> None:
    assert are_all_removed(value, removed) is passes
