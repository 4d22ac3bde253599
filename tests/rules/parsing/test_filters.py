"""Entries of ``filters``."""

import pytest

from safelight.rules.conditions import Combination, Comparison
from safelight.rules.parsing.filters import parse_filter
from safelight.rules.parsing.yaml_node import RulesError, parse_document


def parse(condition):
    return parse_filter(parse_document(f"{{reject: {condition}, reason: a}}", "a.yaml")).condition


def test_one_comparison_is_not_combined():
    assert parse("{Modality: {equals: [CT, MR]}}") == Comparison("Modality", "equals", ("CT", "MR"))


def test_several_comparisons_must_all_be_true():
    assert parse("{Modality: {equals: CT, present: true}}") == Combination(
        "all", (Comparison("Modality", "equals", ("CT",)), Comparison("Modality", "present"))
    )


def test_not_has_one_condition_or_a_list():
    inner = Comparison("Rows", "missing")
    assert parse("{not: {Rows: {missing: true}}}") == Combination("not", (inner,))
    assert parse("{not: [{Rows: {missing: true}}]}") == Combination("not", (inner,))


def test_accept_needs_no_reason():
    found = parse_filter(parse_document("{accept: {Rows: {present: true}}}", "a.yaml"))
    assert (found.outcome, found.reason) == ("accept", "")


def test_nested_conditions_are_limited():
    condition = "{Rows: {present: true}}"
    for _ in range(11):
        condition = f"{{not: {condition}}}"
    with pytest.raises(RulesError, match="nested at most 10 levels deep"):
        parse(condition)
