"""Builder of imported rules files."""

import pytest

from safelight.rules import parse_rules
from safelight.rules.importers.rules_file_builder import RulesFileBuilder


@pytest.fixture
def builder():
    return RulesFileBuilder("site.script", "a tool")


def test_an_empty_builder_gives_a_valid_rules_file(builder):
    rules = parse_rules(builder.build().text, "imported")
    assert (rules.name, rules.default, rules.elements) == ("site", "keep", ())


def test_the_first_rule_for_a_selector_decides(builder):
    builder.add_rule(1, "StationName", "remove")
    builder.add_rule(2, "StationName", "empty")
    rules = parse_rules(builder.build().text, "imported")
    assert [(entry.selector.text, entry.action) for entry in rules.elements] == [
        ("*/StationName", "remove")
    ]


def test_a_keeping_rule_gets_no_depth(builder):
    builder.add_rule(1, "StationName", "keep")
    assert parse_rules(builder.build().text, "imported").elements[0].selector.depth == ""


def test_an_invalid_selector_gets_a_remark(builder):
    builder.add_rule(7, "NoKeyword", "remove")
    assert builder.build().remarks[0].line == 7 and "- {" not in "".join(builder.elements)


def test_remarks_are_sorted_by_line(builder):
    builder.add_remark(9, "b")
    builder.add_remark(2, "a")
    assert [remark.line for remark in builder.build().remarks] == [2, 9]
