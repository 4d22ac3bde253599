"""Parse ``filters`` of a rules file."""

from __future__ import annotations

import re
from typing import Literal

from pydicom.datadict import tag_for_keyword

from safelight.rules.conditions import (
    COMPARISON_OPERATORS,
    FILTER_OUTCOMES,
    Combination,
    Comparison,
    Condition,
    Filter,
)
from safelight.rules.parsing.yaml_node import YamlNode

_COMBINATIONS: dict[str, Literal["all", "any", "not"]] = {"all": "all", "any": "any", "not": "not"}
_MAX_CONDITION_DEPTH = 10


def parse_filter(node: YamlNode) -> Filter:
    """Return one entry of ``filters``."""
    entry = node.as_mapping((*FILTER_OUTCOMES, "reason"))
    outcomes = [outcome for outcome in FILTER_OUTCOMES if outcome in entry]
    if len(outcomes) != 1:
        raise node.make_error(f"one of {', '.join(FILTER_OUTCOMES)} with its conditions")
    condition = _parse_condition(entry.require(outcomes[0]))
    reason = entry.get("reason")
    if reason is None and outcomes[0] != "accept":
        raise node.make_error(f"a reason for {outcomes[0]}")
    return Filter(outcomes[0], condition, reason.as_text() if reason else "")


def _parse_condition(node: YamlNode, depth: int = 0) -> Condition:
    """Return ``{Keyword: {operator: value}}``, ``{all: […]}``, ``{any: […]}`` or ``{not: […]}``."""
    if depth > _MAX_CONDITION_DEPTH:  # a YAML alias may contain itself
        raise node.make_error(f"conditions nested at most {_MAX_CONDITION_DEPTH} levels deep")
    mapping = node.as_mapping(None)
    conditions: list[Condition] = []
    for key in mapping:
        value = mapping.require(key)
        if key in _COMBINATIONS:
            inner = tuple(_parse_condition(one, depth + 1) for one in value.as_list_or_single())
            conditions.append(Combination(_COMBINATIONS[key], inner))
        else:
            conditions.extend(_parse_comparisons(key, value))
    if not conditions:
        raise node.make_error("a condition, such as Modality: {equals: CT}")
    return conditions[0] if len(conditions) == 1 else Combination("all", tuple(conditions))


def _parse_comparisons(keyword: str, node: YamlNode) -> list[Comparison]:
    """Return the comparisons of one attribute."""
    if tag_for_keyword(keyword) is None:
        raise node.make_error(f"a keyword of the DICOM data dictionary instead of {keyword}")
    mapping = node.as_mapping(COMPARISON_OPERATORS)
    comparisons = []
    for operator in (operator for operator in COMPARISON_OPERATORS if operator in mapping):
        operand = mapping.require(operator)
        if operator in ("missing", "present"):
            if not operand.as_boolean():
                raise operand.make_error(f"true for {operator}; use not: to invert it")
            comparisons.append(Comparison(keyword, operator))
            continue
        values = tuple(one.as_text() for one in operand.as_list_or_single())
        if operator == "matches":
            _check_patterns(operand)
        comparisons.append(Comparison(keyword, operator, values))
    return comparisons


def _check_patterns(node: YamlNode) -> None:
    """Raise an error if a value is not a regular expression."""
    for one in node.as_list_or_single():
        try:
            re.compile(one.as_text())
        except re.error as error:
            raise one.make_error(f"a regular expression ({error.msg})") from None
