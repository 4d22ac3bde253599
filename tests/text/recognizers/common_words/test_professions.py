from __future__ import annotations

import pytest

from safelight.text.recognizers.common_words import professions
from safelight.text.recognizers.common_words.professions import is_common_word_as_profession
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text, guess, decision.
EXAMPLES = {
    "own_profession": ("has been a social worker", "social worker", False),
    "status_or_clinical": ("a sophomore in school", "sophomore", True),
    "abbreviation": ("home w/ doxycyc for days", "doxycyc", True),
    "known_phrase": ("an Axiom Artis here", "Axiom Artis", True),
    "vendor": ("via Cerner PowerChart", "Cerner PowerChart", True),
    "label": ("Occupation: none", "Occupation", True),
    "nationality": ("a Somali man", "Somali", True),
    "in_accident": ("Pedal cycle rider injured in collision", "rider", True),
    "clinician": ("A. Lee, MD, nurse anesthetist", "nurse anesthetist", True),
    "eponym": ("Carpenter syndrome", "Carpenter", True),
}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_rule_decides_about_a_guess(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    begin = text.index(value)
    place = begin, begin + len(value)
    rules = professions._PROFESSION_RULES
    assert deciding_rule(rules, lambda: is_common_word_as_profession(text, *place)) == rule
    assert is_common_word_as_profession(text, *place) is expected


def test_every_rule_has_an_example() -> None:
    assert rule_names(professions._PROFESSION_RULES) == set(EXAMPLES)
