"""Ages under 90 and weekdays are found, stay by default, and yield to what identifies."""

from __future__ import annotations

import pytest

from safelight.pseudonyms import Pseudonyms
from safelight.records import Span
from safelight.rules.policies import EntityAction, TextPolicy
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.replacement import replace_spans
from safelight.text.span_merging import merge_spans, select_identifying

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests", (-100, -100))
PATIENT = PSEUDONYMS.patient("12345")
TEXT = "45 year old man, Age: 07, 62yo F, 093Y, seen Monday and every Fri"


def clean(text: str, **entities: EntityAction) -> str:
    policy = TextPolicy({"AGE": "generalise", "DATE": "shift"} | entities)
    return replace_spans(text, find_patterns(text), policy, PSEUDONYMS, PATIENT).text


def test_ages_and_weekdays_are_found_and_identify_nobody() -> None:
    found = [(TEXT[s.begin : s.end], s.subtype) for s in find_patterns(TEXT)]
    ages = ["45", "07", "62"]
    assert [value for value, fine in found if fine == "UNDER_90"] == ages
    assert [value for value, fine in found if fine == "WEEKDAY"] == ["Monday", "Fri"]
    assert [TEXT[s.begin : s.end] for s in select_identifying(find_patterns(TEXT))] == ["093Y"]


def test_by_default_ages_stay_and_weekdays_move_with_dates() -> None:
    assert clean("45 year old, Saturday 3/14/2020") == "45 year old, Thursday 12/5/2019"
    assert clean("45 year old, on Monday") == "45 year old, on Saturday"
    assert clean("45 year old, on Monday", DATE="mask") == "45 year old, on Monday"


def test_a_rule_may_turn_ages_into_bands() -> None:
    assert clean("a 45-year-old man", UNDER_90="generalise") == "a 40-49-year-old man"
    assert clean("a 95-year-old man", UNDER_90="generalise") == "a 90+-year-old man"


def test_what_stays_leaves_no_row_of_findings() -> None:
    spans = find_patterns("a 45-year-old man")
    policy = TextPolicy({"AGE": "generalise"})
    assert replace_spans("a 45-year-old man", spans, policy, PSEUDONYMS, PATIENT).applied == ()


@pytest.mark.parametrize("order", [1, -1])
def test_what_identifies_comes_first_however_short_it_is(order: int) -> None:
    spans = [Span(0, 6, "DATE", "regex", 1.0, "WEEKDAY"), Span(0, 3, "NAME", "ner", 0.5)]
    merged = merge_spans(spans[::order], "Monday")
    assert [(s.begin, s.end, s.subtype) for s in merged] == [(0, 3, ""), (3, 6, "WEEKDAY")]
