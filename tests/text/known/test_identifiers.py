from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownValue
from tests.text.known.finding import find_texts


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("0012345678", "MRN12345678", ["12345678"]),
        ("0012345678", "0012-345-678", ["0012-345-678"]),
        ("0012345678", "123456789, 112345678", []),
        ("AB-00123", "ab123, AB 00123", ["ab123", "AB 00123"]),
        ("1.2.3.4.5.6", "uid 1.2.3.4.5.6", ["1.2.3.4.5.6"]),
    ],
)
def test_identifiers_are_found_with_any_separators_and_zeros(
    value: str, text: str, expected: list[str]
) -> None:
    assert find_texts([KnownValue("ID", value)], text) == expected


@pytest.mark.parametrize("value", ["1", "2019", "L4"])
def test_short_identifiers_and_years_are_not_found_in_text(value: str) -> None:
    assert find_texts([KnownValue("ID", value)], "1 of 2 images at L4, in 2019") == []


@pytest.mark.parametrize("text", ["ID: 1", "pid#1", "1"])
def test_short_identifiers_are_found_after_a_label_or_alone(text: str) -> None:
    assert find_texts([KnownValue("ID", "1")], text) == ["1"]
