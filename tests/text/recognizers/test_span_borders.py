"""Replacements change no character beside the value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.records import Span
from safelight.text.recognizers.span_borders import tidy_borders


@pytest.mark.parametrize(
    ("text", "value", "entity", "expected"),
    [
        ("Signed Vandermeer, M.D. today", "Vandermeer, M", "NAME", "Vandermeer"),
        ("Signed Vandermeer, M.D. today", "Vandermeer, M.", "NAME", "Vandermeer"),
        ("L. Vandermeer R.N. came", "L. Vandermeer R", "NAME", "L. Vandermeer"),
        ("Smith, J. was seen", "Smith, J", "NAME", "Smith, J"),
        ("Dr Ashgrove's plan", "Ashgrove's", "NAME", "Ashgrove"),
        ("ASHGROVE'S NOTE", "ASHGROVE'S", "NAME", "ASHGROVE"),
        ("phone (218-555-0147) today", "(218-555-0147", "CONTACT", "218-555-0147"),
        ("phone (218) 555-0147", "(218) 555-0147", "CONTACT", "(218) 555-0147"),
        ("mail 'jroe@x.org' now", "'jroe@x.org", "CONTACT", "jroe@x.org"),
        ('said "Jane Roe" is', 'Jane Roe"', "NAME", "Jane Roe"),
        ('William "Bill" Haldane', 'William "Bill" Haldane', "NAME", 'William "Bill" Haldane'),
        ("D'Angelo's leg", "D'Angelo's", "NAME", "D'Angelo"),
    ],
)
def test_borders_are_those_of_the_value(text: str, value: str, entity: str, expected: str) -> None:
    begin = text.index(value)
    [span] = tidy_borders(text, [Span(begin, begin + len(value), entity, "ner")])
    assert text[span.begin : span.end] == expected


@given(st.text(alphabet="ab '\"()[]M.D,", max_size=24), st.integers(0, 24), st.integers(0, 24))
def test_spans_shrink_only(text: str, first: int, last: int) -> None:
    begin, end = sorted((min(first, len(text)), min(last, len(text))))
    for span in tidy_borders(text, [Span(begin, end, "NAME", "ner")]):
        assert begin <= span.begin < span.end <= end
