from __future__ import annotations

import pytest

from safelight.text.recognizers import lone_surnames
from safelight.text.recognizers.lone_surnames import find_lone_surnames
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: value that has the surname of something else.
EXAMPLES = {
    "known_phrase": "Wernicke",
    "eponym_with_text": "Alcock came",
    "eponym": "Kowalczyk sign negative",
    "eponym_in_description": "Cullen chest",
    "eponym_noun": "Bavier-Orcutt position",
    "classification": "Dallas consensus",
}


@pytest.mark.parametrize(("rule", "text"), EXAMPLES.items())
def test_rule_decides_about_a_surname(rule: str, text: str) -> None:
    rules = lone_surnames._NOT_A_PERSON_RULES
    assert deciding_rule(rules, lambda: list(find_lone_surnames(text))) == rule


def test_every_rule_has_an_example() -> None:
    assert rule_names(lone_surnames._NOT_A_PERSON_RULES) == set(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Korhonen", "Korhonen"),
        ("60 Gy Nwosu", "Nwosu"),
        ("CT_AHLGREN_HELIX", "AHLGREN"),
        ("1 LAO Bustamante", "Bustamante"),
        ("pneumonia resolved Nakhimovsky", "Nakhimovsky"),
    ],
)
def test_lone_surname_is_found_in_a_short_value(text: str, name: str) -> None:
    assert [text[s.begin : s.end] for s in find_lone_surnames(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Mortara Instrument, Inc.",
        "English (United States)",
        "NEXT MONDAY",
        "enhanced with oral Gastrografin",
        "pneumonia resolved Completely",
        "qorvex resolved Nakhimovsky",
        "Bavier-Orcutt position",
        "Cleves method",
        "HEAD LONG FIELD",
        "The ward was told that Korhonen's old pictures are lost for good, alas.",
    ],
)
def test_maker_day_eponym_or_sentence_has_no_lone_surname(text: str) -> None:
    assert list(find_lone_surnames(text)) == []
