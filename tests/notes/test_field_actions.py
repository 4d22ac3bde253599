"""Test the notation of field rules."""

from __future__ import annotations

import pytest

from safelight.notes.field_actions import FieldOp, FieldRule, parse_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("date", FieldRule(FieldOp.DATE)),
        ("LOCATION", FieldRule(FieldOp.ENTITY, "LOCATION")),
        ("LOCATION/CITY", FieldRule(FieldOp.ENTITY, "LOCATION", "CITY")),
        ("remove NAME/RELATIVE", FieldRule(FieldOp.REMOVE, "NAME", "RELATIVE")),
    ],
)
def test_a_rule_is_an_action_or_an_entity(text: str, rule: FieldRule) -> None:
    assert parse_rule(text) == rule


@pytest.mark.parametrize("text", ["destroy", "NAMES", "remove PLACE", ""])
def test_text_that_is_not_an_action_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an"):
        parse_rule(text)


def test_the_entity_of_a_rule_is_that_of_its_known_value() -> None:
    assert parse_rule("remove NAME/RELATIVE").known == ("NAME", "RELATIVE")


def test_some_actions_have_an_entity_of_their_own() -> None:
    assert parse_rule("zip").known == ("LOCATION", "ZIP")
    assert parse_rule("keep").known is None
