from __future__ import annotations

import pytest

from safelight.headers.possible_codes import list_possible_codes
from safelight.rules import load_rules, parse_rules


@pytest.mark.parametrize("name", ["basic", "research"])
def test_codes_of_shipped_rules_hold_those_of_their_options(name: str) -> None:
    rules = load_rules(name)
    assert set(rules.get_method_codes()) <= list_possible_codes(rules)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("{tag: StudyDate, action: keep}", "113106"),
        ("{tag: '*/{DA}', action: shift}", "113107"),
        ("{tag: StationName, action: keep}", "113109"),
        ("{tag: InstitutionName, action: keep}", "113112"),
        ("{tag: StudyInstanceUID, action: keep}", "113110"),
        ("{tag: StudyDescription, action: clean}", "113105"),
    ],
)
def test_rule_of_an_organisation_adds_a_code(entry: str, code: str) -> None:
    text = f"name: own\nversion: '1'\nprofile: basic\nelements: [{entry}]\n"
    assert code not in list_possible_codes(load_rules("basic"))
    assert code in list_possible_codes(parse_rules(text, "own"))
