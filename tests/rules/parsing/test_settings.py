"""Settings of a rules file."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from safelight.rules.loader import load_rules
from safelight.rules.model import RuleSet
from safelight.rules.parsing.settings import apply_settings
from safelight.rules.parsing.yaml_node import RulesError, parse_document
from safelight.rules.policies import ENTITY_LABELS

BASE = RuleSet("base", "1", shift_range=(-7, -1), patient_prefix="A")


def parse(text):
    return apply_settings(parse_document(text, "a.yaml").as_mapping(None), BASE)


def test_missing_settings_are_those_of_the_base():
    assert parse("names: {style: token}") == BASE


def test_a_setting_replaces_one_value():
    rules = parse("ids: {issuer: false}")
    assert (rules.issuer_in_identity, rules.patient_prefix) == (False, "A")


def test_a_root_of_uids_is_read_and_changes_the_hash():
    rules = parse("uids: {root: 1.2.826.0.1.3680043.10.1234.7}")
    assert rules.uid_root == "1.2.826.0.1.3680043.10.1234.7"
    assert rules.hash != BASE.hash


@pytest.mark.parametrize("root", ["2.25", "1.2.840.10008.1", "1.2", "x", "[1]"])
def test_a_root_that_cannot_be_used_is_an_error(root):
    with pytest.raises(RulesError):
        parse(f"uids: {{root: {root}}}")


def test_entities_are_merged():
    entities = parse("text: {entities: {ZIP: keep}}").text.entities
    assert (entities["ZIP"], entities["NAME"]) == ("keep", "mask")


@pytest.mark.parametrize("days", ["[0, 0]", "[1]", "[2, 1]", "[1, x]", "5"])
def test_an_invalid_shift_range_is_an_error(days):
    with pytest.raises(RulesError):
        parse(f"dates: {{shift_days: {days}}}")


def test_unknown_entity_is_an_error_with_the_most_similar_one():
    with pytest.raises(RulesError, match="did you mean NAME"):
        parse("text: {entities: {NAMES: mask}}")


def test_labels_of_all_patterns_can_be_named():
    text = files("safelight.text")
    found = set()
    for path in Path(str(text)).rglob("*.yaml"):
        found |= set(re.findall(r"(?:subtype|entity): *([A-Z_0-9]{2,})", path.read_text()))
    assert "MRN" in found
    assert found <= set(ENTITY_LABELS)


def test_a_default_issuer_needs_issuers() -> None:
    head = "name: a\nversion: '1'\nprofile: basic\n"
    rules = load_rules(f"{head}ids: {{default_issuer: ' North '}}\n")
    assert rules.default_issuer == "North" and rules.hash != load_rules(head).hash
    with pytest.raises(RulesError, match="no default_issuer where issuer is false"):
        load_rules(f"{head}ids: {{issuer: false, default_issuer: North}}\n")
