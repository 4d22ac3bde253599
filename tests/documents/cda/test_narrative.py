"""Test that the nodes of a narrative are read and cleaned as one text."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from safelight.documents.cda.narrative import read_narrative
from safelight.documents.text_cleaner import TextCleaner
from safelight.records import Reason, Refusal, Span


def test_inline_elements_do_not_end_a_line() -> None:
    element = ElementTree.fromstring("<text>Hollo<content>way</content> came</text>")
    assert read_narrative(element).text == "Holloway came"


def test_cells_and_blocks_are_separated() -> None:
    element = ElementTree.fromstring("<text><tr><td>a</td><td>b</td></tr><p>c</p></text>")
    assert read_narrative(element).text == "a\tb\t\nc\n"


def test_a_replacement_is_written_where_its_span_begins(cleaner: TextCleaner) -> None:
    element = ElementTree.fromstring("<text>by Hollo<content>way</content> today</text>")
    narrative = read_narrative(element)
    (applied,) = narrative.clean([Span(3, 11, "NAME", "ner", 0.9)], cleaner)
    assert applied.entity == "NAME"
    assert ElementTree.tostring(element) == b"<text>by [NAME]<content /> today</text>"


def test_a_deep_tree_is_refused() -> None:
    element = ElementTree.fromstring("<p>" * 150 + "x" + "</p>" * 150)
    with pytest.raises(Refusal) as refused:
        read_narrative(element)
    assert refused.value.reason is Reason.TOO_DEEP
