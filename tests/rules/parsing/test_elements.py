"""Entries of ``options`` and ``elements``."""

import pytest

from safelight.rules.operations import Operation
from safelight.rules.parsing.elements import ACTIONS, parse_entry, parse_option
from safelight.rules.parsing.yaml_node import RulesError, parse_document
from safelight.standard.options import Option


def parse(text):
    return parse_entry(parse_document(text, "a.yaml"), "mine", 3)


@pytest.mark.parametrize(
    "text",
    ["retain_uids", "Retain UIDs Option", "retain-uids", "113110"],
)
def test_an_option_has_a_name_or_a_code(text):
    assert parse_option(parse_document(text, "a.yaml")) is Option.RETAIN_UIDS


def test_an_unknown_option_is_an_error():
    with pytest.raises(RulesError, match="not retain_all"):
        parse_option(parse_document("retain_all", "a.yaml"))


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"literal"}))
def test_an_action_selects_an_operation(action):
    (entry,) = parse(f"{{tag: StationName, action: {action}}}")
    assert (entry.action, entry.operation) == (action, ACTIONS[action])


def test_a_literal_has_a_value():
    (entry,) = parse("{tag: StationName, action: literal, value: 5}")
    assert (entry.operation, entry.value) == (Operation.LITERAL, "5")


def test_the_source_names_rule_set_and_index():
    assert {entry.source for entry in parse("{tag: [Rows, Columns], action: X}")} == {
        "mine elements[3]"
    }


def test_a_value_without_literal_is_an_error():
    with pytest.raises(RulesError, match="a value for the action literal"):
        parse("{tag: StationName, action: X, value: 5}")
