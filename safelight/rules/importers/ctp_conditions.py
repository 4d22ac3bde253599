"""Convert the conditions of ``@if`` in scripts of the CTP anonymizer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydicom.datadict import keyword_for_tag, tag_for_keyword

from safelight.rules.importers.ctp_functions import Call
from safelight.rules.importers.models import ConditionNode

#: Element that the script is applied to.
THIS = "this"
_TAG = re.compile(r"[(\[]?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})[)\]]?")


def convert_element_name(name: str) -> str | None:
    """Return the reference of a rules file to an element that a script names; None if unknown.

    Parameters
    ----------
    name : str
        Keyword, tag, or ``this``.
    """
    name = name.strip()
    if name in ("", THIS):
        return THIS
    if tag_for_keyword(name) is not None:
        return name
    match = _TAG.fullmatch(name)
    if match is None or int(match[1], 16) % 2:
        return None
    return keyword_for_tag(int(match[1] + match[2], 16)) or f"({match[1]},{match[2]})"


def convert_condition(call: Call, parameters: Mapping[str, str]) -> ConditionNode | None:
    """Return the condition of an ``@if``; None if a rules file cannot express it.

    Parameters
    ----------
    call : Call
        Call with the element, the operator and the operand as arguments.
    parameters : mapping
        Parameters of the script by name.
    """
    if len(call.arguments) < 2:
        return None
    element = convert_element_name(call.arguments[0])
    operator = call.arguments[1].strip().lower()
    if element is None:
        return None
    if operator == "isblank":
        return {element: {"missing": True}}
    if operator == "exists":
        return {element: {"present": True}}
    if len(call.arguments) < 3:
        return None
    operand = call.arguments[2]
    if operand.startswith("@"):
        operand = parameters.get(operand.lstrip("@"), operand)
    return _compare(element, operator, operand)


def _compare(element: str, operator: str, operand: str) -> ConditionNode | None:
    """Return the comparison of an element with an operand."""
    if operator == "contains":
        return {element: {"contains": operand}} if operand else {element: {"present": True}}
    if operator == "equals":
        if not operand:
            return {element: {"missing": True}}
        # The whole value, also of an attribute with several values; without regard to case.
        return {element: {"matches": f"^(?:{_escape(operand)})$"}}
    if operator == "matches":
        return {element: {"matches": f"^(?-i:{operand.strip()})$"}}
    if operator == "greaterthan" and re.fullmatch(r"\s*\d+\s*", operand):
        return {element: {"greaterThan": int(operand)}}
    return None


def _escape(text: str) -> str:
    """Return a regular expression for a text."""
    return re.sub(r"([^\w\s])", r"\\\1", text, flags=re.ASCII)


def negate(condition: ConditionNode) -> ConditionNode:
    """Return the opposite of a condition."""
    return {"not": condition}


def join(conditions: tuple[ConditionNode, ...]) -> ConditionNode | None:
    """Return one condition that is met if all are; None for no condition."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"all": list(conditions)}
