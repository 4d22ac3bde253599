"""Test that narratives are cleaned and stay well-formed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import pytest

from safelight.notes.field_actions import FieldRule
from safelight.notes.xhtml import clean_xhtml


class RecordingVisitor:
    """Keep all text and record how it was passed."""

    def __init__(self) -> None:
        self.segments: list[str] = []
        self.separators: list[str] = []

    def visit_value(self, rule: FieldRule, value: str, location: str) -> Optional[str]:
        return value

    def visit_text(
        self, segments: Sequence[str], locations: Sequence[str], separators: Sequence[str] = ()
    ) -> Optional[list[str]]:
        self.segments, self.separators = list(segments), list(separators)
        return list(segments)

    def visit_document(self, data: bytes, media_type: str, location: str) -> Optional[bytes]:
        return None


@pytest.mark.parametrize(
    ("markup", "cleaned"),
    [
        ("<p>a<br>b</p>", "<p>a<br/>b</p>"),
        ("<div>a", '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'),
        ("<p>a<!-- b --><script>c</script></p>", "<p>a</p>"),
        ("<p><a href='x'>a</a><img alt='b'/></p>", "<p>a</p>"),
        ("<td colspan='2' title='x'>a</td>", '<td colspan="2">a</td>'),
        ("<p><b>a</p>", "<p><b>a</b></p>"),
        ("<p>1 &lt; 2</p>", "<p>1 &lt; 2</p>"),
    ],
)
def test_only_markup_that_cannot_hide_text_is_kept(markup: str, cleaned: str) -> None:
    assert clean_xhtml(markup, RecordingVisitor(), "x") == cleaned


def test_inline_elements_continue_the_line() -> None:
    visitor = RecordingVisitor()
    clean_xhtml("<p>by <b>Quimb</b>leton</p><p>fine</p>", visitor, "x")
    assert visitor.segments == ["by ", "Quimb", "leton", "fine"]
    assert visitor.separators == ["", "", "\n"]
