"""Convert the conditions of ``@if`` in scripts of the CTP anonymizer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from safelight.rules.importers.condition_nodes import ALWAYS, match_whole_value, negate
from safelight.rules.importers.ctp.functions import Call
from safelight.rules.importers.element_names import convert_element_name
from safelight.rules.importers.models import ConditionNode
from safelight.rules.linear_patterns import escape_pattern
from safelight.rules.references import SIBLING_PREFIX, THIS

#: Largest integer of Java.
_MAX_INTEGER = 2**31 - 1

#: Operators of ``@if``; a condition with another one is not met.
_OPERATORS = frozenset({"isblank", "exists", "contains", "equals", "matches", "greaterthan"})


def convert_condition(
    call: Call, parameters: Mapping[str, str], titles: Mapping[str, str]
) -> ConditionNode | None:
    """Return the condition of an ``@if``; None if a rules file cannot express it.

    Parameters
    ----------
    call : Call
        Call with the element, the operator and the operand as arguments.
    parameters : mapping
        Parameters of the script by name.
    titles : mapping of str to str
        References to elements by the names that the script gives them.
    """
    if len(call.arguments) < 2:
        return negate(ALWAYS)
    element = convert_element_name(call.arguments[0], titles)
    operator = call.arguments[1].strip()
    if operator not in _OPERATORS:
        return negate(ALWAYS)  # as CTP does
    if element is None:
        return None
    if element != THIS:
        element = f"{SIBLING_PREFIX}{element}"
    if operator == "isblank":
        return {element: {"missing": True}}
    if operator == "exists":
        return {element: {"exists": True}}
    if len(call.arguments) < 3:
        return negate(ALWAYS)
    operand = call.arguments[2]
    if operand.startswith("@"):
        operand = parameters.get(operand.removeprefix("@"), operand)
    return _compare(element, operator, operand)


def _compare(element: str, operator: str, operand: str) -> ConditionNode | None:
    """Return the comparison of an element with an operand."""
    if operator == "contains":
        return {element: {"contains": operand}} if operand else ALWAYS
    if operator == "equals":
        if not operand:
            return {element: {"missing": True}}
        # The whole value, also of an attribute with several values; without regard to case.
        return {element: {"matches": f"^(?:{escape_pattern(operand)})$"}}
    if operator == "matches":
        return match_whole_value(element, f"(?-i:{operand.strip()})")
    if operator == "greaterthan":
        return _exceed(element, re.sub(r"\D", "", operand))
    return None


def _exceed(element: str, limit: str) -> ConditionNode:
    """Return the condition that the digits of a value, as one number, exceed a number.

    CTP leaves out all other characters, and a number that an integer of Java cannot hold is 0.
    """
    number = int(limit or "0")
    if number > _MAX_INTEGER:
        number = 0
    exceeds: ConditionNode = {element: {"matches": _match_greater(number)}}
    return {"all": [exceeds, negate({element: {"matches": _match_greater(_MAX_INTEGER)}})]}


def _match_greater(number: int) -> str:
    """Return the pattern of a value whose digits form a number above another one."""
    digits = str(number)
    alternatives = [rf"[1-9](?:\D*[0-9]){{{len(digits)},}}"]
    for index, digit in enumerate(digits):
        if digit != "9":
            same = "".join(rf"{one}\D*" for one in digits[:index])
            rest = len(digits) - index - 1
            alternatives.append(rf"{same}[{int(digit) + 1}-9](?:\D*[0-9]){{{rest}}}")
    return rf"^\D*(?:0\D*)*(?:{'|'.join(alternatives)})\D*$"
