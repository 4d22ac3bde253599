"""Lines of terms and settings are harmless; names, numbers, labels and dates are not."""

from __future__ import annotations

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.harmless_text import has_settings_only, is_harmless


@pytest.mark.parametrize(
    ("text", "confidence", "expected"),
    [
        ("Thickness 5.0 mm", 0.95, True),
        ("CHEST AP", 0.95, True),
        ("CHEST AP", 0.85, False),
        ("SEXTON CARMEN", 0.99, False),
        ("HARTWELL", 0.99, False),
        ("DOB 05/04/1993", 0.99, False),
        ("48213977", 0.99, False),
        ("DOB:01/06/", 0.99, False),
        ("Name: Chest", 0.99, False),
        ("Echo 12/40", 0.99, False),
        ("12 34", 0.99, False),
        ("AP", 0.99, False),
    ],
)
def test_only_reliable_lines_without_names_and_long_numbers_are_harmless(
    text: str, confidence: float, expected: bool
) -> None:
    assert is_harmless(Reading(Box(0, 0, 40, 12), text, confidence)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("W 350 L 40", True),
        ("W350L40", True),
        ("C 56", False),
        ("M 45", False),
        ("S 24 10482", False),
        ("JM 12 KLP", False),
    ],
)
def test_settings_have_a_letter_before_each_number(text: str, expected: bool) -> None:
    assert has_settings_only(text) is expected
