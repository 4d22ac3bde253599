"""Find out which named rule decides, for tests that have one example for each rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from safelight.named_rules import RuleList, count_decisions


def deciding_rule(rules: RuleList[..., Any], call: Callable[[], object]) -> str:
    """Return the name of the rule of a list that decided first in a call."""
    return deciding_rules(rules.name, call)[0]


def rule_names(rules: RuleList[..., Any]) -> set[str]:
    """Return the names of all rules of a list."""
    return {rule.name for rule in rules.rules}


def deciding_rules(name: str, call: Callable[[], object]) -> list[str]:
    """Return the names of the rules of a list that decided in a call, in the order of the list."""
    with count_decisions() as counts:
        call()
    return [rule for (rules, rule), count in counts.items() if rules == name and count]
