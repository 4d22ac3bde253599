"""The reference in ``conf/rules/README.md`` agrees with the code."""

import importlib.resources
import re

from safelight.rules import CompiledRules, Operation, list_shipped_rules, parse_rules
from safelight.rules.conditions import COMPARISON_OPERATORS
from safelight.rules.lint import lint
from safelight.rules.parsing.elements import ACTIONS

TEXT = (importlib.resources.files("conf") / "rules" / "README.md").read_text(encoding="utf-8")
EXAMPLE, ADDITIONS, REGIONS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_has_the_described_effect():
    rules = parse_rules(EXAMPLE, "example")
    top = CompiledRules(rules).get_root_level("1.2.840.10008.5.1.4.1.1.2")
    assert rules.default == "profile" and rules.name_style == "surrogate"
    assert top.rules[0x00081010].argument == "SCANNER"
    assert top.get_item_level(0x00081115).rules[0x0020000E].operation is Operation.UID
    assert top.get_item_level(0x00081140).rules[0x00100010].operation is Operation.REMOVE
    assert top.get_private_rule("SIEMENS MR HEADER", 0x19, 0x0C, "IS").operation is Operation.KEEP
    echo = {"Modality": "US", "SeriesDescription": "TTE 2D", "StudyInstanceUID": "1.2"}
    assert rules.match_filter(lambda keyword: echo.get(keyword, "")).outcome == "accept"
    assert rules.match_filter(lambda keyword: "").outcome == "quarantine"
    assert not [one for one in lint(rules) if one.severity == "error"]


def test_every_action_operator_and_rule_set_is_described():
    for word in (*ACTIONS, *COMPARISON_OPERATORS, *list_shipped_rules()):
        assert f"`{word}`" in TEXT or f"`{word}: true`" in TEXT, word


def test_the_example_of_regions_is_valid():
    rules = parse_rules(f"name: example\nversion: 1\nprofile: basic\n{REGIONS}", "example")
    assert [entry.action for entry in rules.pixels.regions] == ["mask", "keep"]


def test_the_example_of_additions_is_valid():
    rules = parse_rules(f"name: example\nversion: 1\nprofile: basic\n{ADDITIONS}", "example")
    assert [one.name for one in rules.additions] == [
        "RequestAttributesSequence/RequestedProcedureID", "ContributingEquipmentSequence",
        '(0013,"TRIAL",10)',
    ]  # fmt: skip
