from __future__ import annotations

import pytest

from safelight.text.recognizers.pattern_windows import PatternWindows

FILLER = "word " * 200


def test_a_short_text_is_one_window() -> None:
    assert PatternWindows("seen 3/14").around(("#",), False, (5, 5)) == [(0, 9)]


def test_a_text_without_the_needed_string_has_no_window() -> None:
    assert PatternWindows("seen today").around(("#",), False, (5, 5)) == []


@pytest.mark.parametrize(("digits", "expected"), [(False, True), (True, False)])
def test_a_required_digit_must_be_in_the_text(digits: bool, expected: bool) -> None:
    assert PatternWindows("MRN unknown").has(("mrn",), digits) is expected


def test_a_window_of_a_long_text_ends_at_white_space() -> None:
    text = FILLER + "MRN 12345 " + FILLER
    [(begin, end)] = PatternWindows(text).around(("mrn",), True, (3, 10))
    assert text[begin:end].split() == ["word", "MRN", "12345", "word"]


def test_overlapping_windows_are_joined() -> None:
    text = FILLER + "MRN 1 MRN 2 " + FILLER
    assert len(PatternWindows(text).around(("mrn",), True, (10, 10))) == 1


def test_distant_occurrences_have_windows_of_their_own() -> None:
    text = "MRN 1 " + FILLER + "MRN 2"
    assert len(PatternWindows(text).around(("mrn",), True, (10, 10))) == 2
