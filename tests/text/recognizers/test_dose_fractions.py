"""A dose and its fractions are told from a day and a month by their context."""

from __future__ import annotations

import pytest

from safelight.text.recognizers.dose_fractions import is_dose_fraction


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("Whole brain 30/10", "30/10", True),
        ("L femur 8/1", "8/1", True),
        ("given 20/5 Gy to the hip", "20/5", True),
        ("seen on 30/10", "30/10", False),
        ("whole brain 28/9", "28/9", False),
    ],
)
def test_usual_course_with_a_word_of_radiotherapy_is_a_dose(
    text: str, value: str, expected: bool
) -> None:
    begin = text.index(value)
    assert is_dose_fraction(text, begin, begin + len(value)) is expected
