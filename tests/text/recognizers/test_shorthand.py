from __future__ import annotations

import pytest

from safelight.text.recognizers.shorthand import (
    is_abbreviating_letter,
    is_abbreviation,
    is_abbreviation_by_place,
    is_acronym,
    is_field_label,
    is_in_sentence,
    is_slashed,
)


def _range(text: str, value: str) -> tuple[int, int]:
    begin = text.index(value)
    return begin, begin + len(value)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("seen by GI today", "GI", True),
        ("GI CONSULT", "GI", False),
        ("pt seen by soc work", "soc work", True),
        ("advised re schisto", "schisto", True),
        ("advised re kowalc", "kowalc", False),
    ],
)
def test_abbreviation_is_in_a_text_with_lower_case(text: str, value: str, expected: bool) -> None:
    assert is_abbreviation(text, *_range(text, value)) is expected


def test_truncated_word_counts_only_if_wanted() -> None:
    place = _range("re schisto", "schisto")
    assert not is_abbreviation("re schisto", *place, truncated=False)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [("ABD/PEL", "PEL", True), ("c/w/d", "w", True), ("Ito/Kim", "Ito", False)],
)
def test_part_between_slashes_is_shorthand(text: str, value: str, expected: bool) -> None:
    assert is_slashed(text, *_range(text, value)) is expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [("the R side", "R", True), ("R. Smith", "R", False), ("w. cane", "w", True)],
)
def test_letter_before_a_full_stop_is_an_initial(text: str, value: str, expected: bool) -> None:
    assert is_abbreviating_letter(text, value, _range(text, value)[1]) is expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("Pat Name : STRAND", "Pat", True),
        ("NHC 440982", "NHC", True),
        ("AL 35201", "AL", False),
        ("Pat came", "Pat", False),
    ],
)
def test_field_label_is_before_a_mark_or_a_number(text: str, value: str, expected: bool) -> None:
    assert is_field_label(text, *_range(text, value)) is expected


def test_acronym_is_capitals_in_a_sentence() -> None:
    text = "did QUORX send the report"
    assert is_acronym(text, *_range(text, "QUORX"))
    assert not is_acronym("QUORX", 0, 5)


def test_known_name_in_capitals_is_not_an_acronym() -> None:
    text = "did SUSAN send the report"
    assert not is_acronym(text, *_range(text, "SUSAN"))


def test_capitals_are_an_abbreviation_unless_initials_may_be_there() -> None:
    text = "Review in clinic after one week with RBS. Reviewed w/ JKB, hold dose. Typed by KLM"
    for value, expected in (("RBS", True), ("JKB", False), ("KLM", False)):
        begin = text.index(value)
        assert is_abbreviation_by_place(text, begin, begin + 3) is expected


def test_sentence_has_three_words_in_lower_case() -> None:
    assert is_in_sentence("he drives for Swift", 14, 19)
    assert not is_in_sentence("drives for Swift", 11, 16)
