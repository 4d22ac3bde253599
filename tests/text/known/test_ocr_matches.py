from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.text.known.finding import find_texts

VALUES = [
    KnownValue("NAME", "SMITHSON^JOHN^ALAN", "PATIENT"),
    KnownValue("ID", "0012345678"),
    KnownValue("DATE", "19800102"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SM1THSON, J0HN", ["SM1THSON", "J0HN"]),
        ("SMITHS0M", ["SMITHS0M"]),
        ("0O12345678", ["0O12345678"]),
        ("1/2/l98O", ["1/2/l98O"]),
        ("chest and head", []),
    ],
)
def test_misread_values_are_found(text: str, expected: list[str]) -> None:
    assert find_texts(VALUES, text, fuzzy=True) == expected


def test_misread_values_are_not_found_in_text_without_ocr() -> None:
    assert find_texts(VALUES, "SM1THSON") == []


def test_the_confidence_falls_with_the_edits() -> None:
    exact, misread = (KnownPHI(VALUES).find(t, fuzzy=True)[0] for t in ("SMITHSON", "SMITHS0M"))
    assert exact.confidence == 1.0 and misread.confidence < 1.0
