"""Read ``filters`` of a rules file."""

from __future__ import annotations

import re
from typing import Literal

from pydicom.datadict import tag_for_keyword

from safelight.rules.conditions import OUTCOMES, TESTS, Combine, Compare, Condition, Filter
from safelight.rules.yaml_node import Value

_COMBINATIONS: dict[str, Literal["all", "any", "not"]] = {"all": "all", "any": "any", "not": "not"}
_MAXIMUM_DEPTH = 10


def read_filter(value: Value) -> Filter:
    """One entry of ``filters``."""
    section = value.section((*OUTCOMES, "reason"))
    outcomes = [outcome for outcome in OUTCOMES if outcome in section]
    if len(outcomes) != 1:
        raise value.error(f"one of {', '.join(OUTCOMES)} with its conditions")
    when = _condition(section.need(outcomes[0]))
    reason = section.get("reason")
    if reason is None and outcomes[0] != "accept":
        raise value.error(f"a reason beside {outcomes[0]}")
    return Filter(outcomes[0], when, reason.text() if reason else "")


def _condition(value: Value, depth: int = 0) -> Condition:
    """``{Keyword: {test: value}}``, ``{all: […]}``, ``{any: […]}`` or ``{not: […]}``."""
    if depth > _MAXIMUM_DEPTH:  # an alias may even hold itself
        raise value.error(f"conditions nested at most {_MAXIMUM_DEPTH} deep")
    section = value.section(None)
    parts: list[Condition] = []
    for key in section:
        part = section.need(key)
        if key in _COMBINATIONS:
            inner = tuple(_condition(one, depth + 1) for one in part.texts())
            parts.append(Combine(_COMBINATIONS[key], inner))
        else:
            parts.extend(_compare(key, part))
    if not parts:
        raise value.error("a condition, such as Modality: {equals: CT}")
    return parts[0] if len(parts) == 1 else Combine("all", tuple(parts))


def _compare(key: str, value: Value) -> list[Compare]:
    if tag_for_keyword(key) is None:
        raise value.error(f"a keyword of the DICOM data dictionary, which {key} is not")
    tests = value.section(TESTS)
    compares = []
    for test in (test for test in TESTS if test in tests):
        operand = tests.need(test)
        if test in ("missing", "present"):
            if not operand.boolean():
                raise operand.error(f"true beside {test}; use not: to turn it round")
            compares.append(Compare(key, test))
            continue
        values = tuple(one.text() for one in operand.texts())
        if test == "matches":
            _check_patterns(operand)
        compares.append(Compare(key, test, values))
    return compares


def _check_patterns(value: Value) -> None:
    for one in value.texts():
        try:
            re.compile(one.text())
        except re.error as error:
            raise one.error(f"a regular expression ({error.msg})") from None
