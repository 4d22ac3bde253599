from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


NEEDS = ("mrn", "mr", ":", "#", "dr.", "absent")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["MRN", "Dr.", "7", " ", ":", "\n", "Mr", "w" * 70]), max_size=30))
def test_windows_are_those_of_a_search_at_each_character(parts: list[str]) -> None:
    text = "".join(parts) + FILLER
    lower = text.lower()
    covered = set()
    for begin in range(len(text)):
        for need in NEEDS:
            if text[begin].isdigit() if need == "#" else lower.startswith(need, begin):
                first = max(0, begin - 3)
                last = min(len(text), begin + len(need) + 9)
                stops = first - 64, last + 64
                while first > max(0, stops[0]) and not text[first - 1].isspace():
                    first -= 1
                while last < min(len(text), stops[1]) and not text[last].isspace():
                    last += 1
                covered |= set(range(first, last))
    windows = PatternWindows(text).around(NEEDS, False, (3, 9))
    assert {n for begin, end in windows for n in range(begin, end)} == covered
