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
        ("Optom: S Quayle 01-2", "Quayle", "NAME", "S Quayle"),
        ("Allergic: none. D. Whitrow-Rao came", "Whitrow-Rao", "NAME", "D. Whitrow-Rao"),
        ("sutured by SM Hepworth.", "Hepworth", "NAME", "SM Hepworth"),
        ("Quayle B, Rowe S (path)", "Quayle", "NAME", "Quayle B"),
        ("knee: R Quayle sign", "Quayle", "NAME", "R Quayle"),
        ("Quayle, M.D. came", "Quayle", "NAME", "Quayle"),
        ("phone 207-555-O12l today", "207-555", "CONTACT", "207-555-O12l"),
        ("comfort kit lot CK 2207,", "2207", "ID", "CK 2207"),
        ("ref. MRN 220744", "220744", "ID", "220744"),
        ("on 1/2 or so", "1/2", "DATE", "1/2"),
    ],
)
def test_borders_are_those_of_the_value(text: str, value: str, entity: str, expected: str) -> None:
    begin = text.index(value)
    [span] = tidy_borders(text, [Span(begin, begin + len(value), entity, "ner")])
    assert text[span.begin : span.end] == expected


@given(st.text(alphabet="ab '\"()[]M.D,", max_size=24), st.integers(0, 24), st.integers(0, 24))
def test_places_shrink_only(text: str, first: int, last: int) -> None:
    begin, end = sorted((min(first, len(text)), min(last, len(text))))
    for span in tidy_borders(text, [Span(begin, end, "LOCATION", "ner")]):
        assert begin <= span.begin < span.end <= end


def test_initial_of_another_span_stays_with_it() -> None:
    text = "by S Quayle"
    spans = [Span(3, 4, "ID", "ner"), Span(5, 11, "NAME", "ner")]
    assert [(one.begin, one.end) for one in tidy_borders(text, spans)] == [(3, 4), (5, 11)]
