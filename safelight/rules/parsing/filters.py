"""Read ``filters`` of a rules file."""

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
_MAXIMUM_DEPTH = 10


def read_filter(value: YamlNode) -> Filter:
    """One entry of ``filters``."""
    section = value.section((*FILTER_OUTCOMES, "reason"))
    outcomes = [outcome for outcome in FILTER_OUTCOMES if outcome in section]
    if len(outcomes) != 1:
        raise value.error(f"one of {', '.join(FILTER_OUTCOMES)} with its conditions")
    when = _condition(section.need(outcomes[0]))
    reason = section.get("reason")
    if reason is None and outcomes[0] != "accept":
        raise value.error(f"a reason beside {outcomes[0]}")
    return Filter(outcomes[0], when, reason.text() if reason else "")


def _condition(value: YamlNode, depth: int = 0) -> Condition:
    """``{Keyword: {test: value}}``, ``{all: […]}``, ``{any: […]}`` or ``{not: […]}``."""
    if depth > _MAXIMUM_DEPTH:  # an alias may even hold itself
        raise value.error(f"conditions nested at most {_MAXIMUM_DEPTH} deep")
    section = value.section(None)
    parts: list[Condition] = []
    for key in section:
        part = section.need(key)
        if key in _COMBINATIONS:
            inner = tuple(_condition(one, depth + 1) for one in part.texts())
            parts.append(Combination(_COMBINATIONS[key], inner))
        else:
            parts.extend(_compare(key, part))
    if not parts:
        raise value.error("a condition, such as Modality: {equals: CT}")
    return parts[0] if len(parts) == 1 else Combination("all", tuple(parts))


def _compare(key: str, value: YamlNode) -> list[Comparison]:
    if tag_for_keyword(key) is None:
        raise value.error(f"a keyword of the DICOM data dictionary, which {key} is not")
    tests = value.section(COMPARISON_OPERATORS)
    compares = []
    for test in (test for test in COMPARISON_OPERATORS if test in tests):
        operand = tests.need(test)
        if test in ("missing", "present"):
            if not operand.boolean():
                raise operand.error(f"true beside {test}; use not: to turn it round")
            compares.append(Comparison(key, test))
            continue
        values = tuple(one.text() for one in operand.texts())
        if test == "matches":
            _check_patterns(operand)
        compares.append(Comparison(key, test, values))
    return compares


def _check_patterns(value: YamlNode) -> None:
    for one in value.texts():
        try:
            re.compile(one.text())
        except re.error as error:
            raise one.error(f"a regular expression ({error.msg})") from None
