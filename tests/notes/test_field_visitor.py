"""Test how the segments of a text are joined, and which texts are annotated."""

from __future__ import annotations

import pytest

from safelight.notes.field_visitor import join_segments, needs_annotation


def test_segments_are_joined_by_line_ends() -> None:
    assert join_segments(["a", "b"]) == "a\nb"


def test_segments_are_joined_by_their_separators() -> None:
    assert join_segments(["a", "b", "c"], [" ", ""]) == "a bc"


@pytest.mark.parametrize(
    ("text", "expected"), [("", False), ("a", False), ("--", False), ("ab", True), ("1 b", True)]
)
def test_a_text_needs_two_letters_or_digits_to_be_annotated(text: str, expected: bool) -> None:
    assert needs_annotation(text) is expected
