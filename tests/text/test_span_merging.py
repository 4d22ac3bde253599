"""Spans of all sources are merged; identifying labels have priority."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.records import Span
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.span_merging import CoveredRanges, merge_spans, select_identifying

ENTITIES = ("NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION")
SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 30), st.sampled_from(ENTITIES)), max_size=8
)
TEXT = "45 year old man, Age: 07, 62yo F, 093Y, seen Monday and every Fri"


@pytest.mark.parametrize(
    ("subtype", "values"), [("UNDER_90", ["45", "07", "62"]), ("WEEKDAY", ["Monday", "Fri"])]
)
def test_ages_under_90_and_weekdays_are_found(subtype: str, values: list[str]) -> None:
    spans = find_patterns(TEXT)
    assert [TEXT[s.begin : s.end] for s in spans if s.subtype == subtype] == values


def test_ages_under_90_and_weekdays_are_not_identifying() -> None:
    spans = select_identifying(find_patterns(TEXT))
    assert [TEXT[s.begin : s.end] for s in spans] == ["093Y"]


@pytest.mark.parametrize("order", [1, -1])
def test_an_identifying_span_has_priority_over_a_longer_one_that_is_not(order: int) -> None:
    spans = [Span(0, 6, "DATE", "regex", 1.0, "WEEKDAY"), Span(0, 3, "NAME", "ner", 0.5)]
    merged = merge_spans(spans[::order], "Monday")
    assert [(s.begin, s.end, s.subtype) for s in merged] == [(0, 3, ""), (3, 6, "WEEKDAY")]


def test_the_longest_span_decides_the_entity() -> None:
    spans = [Span(0, 4, "NAME", "ner"), Span(2, 10, "LOCATION", "ner")]
    merged = merge_spans(spans)
    assert [(s.begin, s.end, s.entity) for s in merged] == [(0, 2, "NAME"), (2, 10, "LOCATION")]


def test_white_space_at_the_ends_is_removed() -> None:
    [span] = merge_spans([Span(0, 5, "NAME", "ner")], " Ann ")
    assert (span.begin, span.end) == (1, 4)


def test_spans_without_a_letter_or_digit_are_dropped() -> None:
    assert merge_spans([Span(0, 3, "NAME", "ner")], " - ") == []


@pytest.mark.parametrize(
    ("entity", "subtype", "kept"),
    [("NAME", "CLINICIAN", "CLINICIAN"), ("DATE", "DOB", "DOB"), ("DATE", "WEEKDAY", ""),
     ("LOCATION", "CITY", "")],
)  # fmt: skip
def test_a_name_or_date_keeps_the_subtype_of_its_group(
    entity: str, subtype: str, kept: str
) -> None:
    short, long = Span(3, 7, entity, "key", 1.0, subtype), Span(0, 12, entity, "ner", 0.9)
    assert merge_spans([short, long]) == [Span(0, 12, entity, "ner", 1.0, kept)]


@given(st.text(max_size=60), SPANS)
def test_every_letter_and_digit_is_covered_once(
    text: str, given_spans: list[tuple[int, int, str]]
) -> None:
    spans = [Span(b, b + n, entity, "ner") for b, n, entity in given_spans]
    merged = merge_spans(spans, text)
    covered = [i for span in merged for i in range(span.begin, span.end)]
    wanted = {i for s in spans for i in range(s.begin, min(s.end, len(text))) if text[i].isalnum()}
    assert wanted <= set(covered)
    assert len(covered) == len(set(covered))


@given(st.text(max_size=60), SPANS)
def test_merging_is_idempotent(text: str, given_spans: list[tuple[int, int, str]]) -> None:
    spans = [Span(b, b + n, entity, "ner") for b, n, entity in given_spans]
    merged = merge_spans(spans, text)
    assert merge_spans(merged, text) == merged


@given(SPANS, st.integers(0, 90), st.integers(1, 30))
def test_a_range_overlaps_if_a_span_covers_one_of_its_characters(
    given_spans: list[tuple[int, int, str]], begin: int, length: int
) -> None:
    spans = merge_spans(Span(b, b + size, entity, "ner", 0.5) for b, size, entity in given_spans)
    covered = {position for span in spans for position in range(span.begin, span.end)}
    expected = not covered.isdisjoint(range(begin, begin + length))
    assert CoveredRanges(spans).overlap(begin, begin + length) == expected
