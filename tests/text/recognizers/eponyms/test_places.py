from __future__ import annotations

import pytest

from safelight.text.recognizers.eponyms import places
from safelight.text.recognizers.eponyms.places import (
    is_classification,
    is_eponym_with_number,
    is_known_eponym,
)
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text, value, decision.
EXAMPLES = {
    "noun": ("Dallas consensus", "Dallas", True),
    "letters": ("Vienna A1L2B3", "Vienna", True),
    "score": ("Framingham risk score", "Framingham", True),
    "disease": ("Lassa fever", "Lassa", True),
    "grade_in_brackets": ("ARDS (Berlin moderate)", "Berlin", True),
    "hyphenated": ("Cronkhite-Canada syndrome", "Canada", True),
    "subtype": ("Spondylometaphyseal dysplasia, Missouri type", "Missouri", True),
}


def _range(text: str, value: str) -> tuple[int, int]:
    begin = text.index(value)
    return begin, begin + len(value)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_rule_decides_about_a_place(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    place = _range(text, value)
    assert (
        deciding_rule(places._CLASSIFICATION_RULES, lambda: is_classification(text, *place)) == rule
    )
    assert is_classification(text, *place) is expected


def test_every_rule_has_an_example() -> None:
    assert rule_names(places._CLASSIFICATION_RULES) == set(EXAMPLES)


def test_place_after_a_preposition_is_not_a_disease() -> None:
    assert not is_classification("home from Lagos fever", *_range("home from Lagos fever", "Lagos"))


def test_eponym_with_a_number_is_an_eponym_of_a_sign() -> None:
    assert is_eponym_with_number("Hamilton 22", 0, 11)
    assert not is_eponym_with_number("Kowalczyk 22", 0, 12)


def test_last_word_of_a_place_may_be_a_known_eponym() -> None:
    text = "crypts of Lieberkuhn seen"
    assert is_known_eponym(text, *_range(text, "crypts of Lieberkuhn"))
