"""Parse ``filters`` of a rules file."""

from __future__ import annotations

from safelight.rules.conditions import FILTER_OUTCOMES, Filter
from safelight.rules.parsing.conditions import parse_condition
from safelight.rules.parsing.yaml_node import YamlNode


def parse_filter(node: YamlNode) -> Filter:
    """Return one entry of ``filters``."""
    entry = node.as_mapping((*FILTER_OUTCOMES, "reason"))
    outcomes = [outcome for outcome in FILTER_OUTCOMES if outcome in entry]
    if len(outcomes) != 1:
        raise node.make_error(f"one of {', '.join(FILTER_OUTCOMES)} with its conditions")
    condition = parse_condition(entry.require(outcomes[0]))
    reason = entry.get("reason")
    if reason is None and outcomes[0] != "accept":
        raise node.make_error(f"a reason for {outcomes[0]}")
    return Filter(outcomes[0], condition, reason.as_text() if reason else "")
