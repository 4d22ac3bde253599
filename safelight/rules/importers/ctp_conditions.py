"""Convert the conditions of ``@if`` in scripts of the CTP anonymizer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydicom.datadict import keyword_for_tag, tag_for_keyword

from safelight.rules.importers.ctp_functions import Call
from safelight.rules.importers.models import ConditionNode
from safelight.rules.linear_patterns import escape_pattern, find_pattern_defect, is_found
from safelight.rules.references import SIBLING_PREFIX, THIS

#: Operators of ``@if``; a condition with another one is not met.
_OPERATORS = frozenset({"isblank", "exists", "contains", "equals", "matches", "greaterthan"})

#: Condition that every object meets.
ALWAYS: ConditionNode = {
    "any": [{"SOPClassUID": {"present": True}}, {"SOPClassUID": {"missing": True}}]
}
#: Abbreviations in names of dcm4che 1, and the words of keywords.
_ABBREVIATIONS = (
    (r"^Ref(?=[A-Z])", "Referenced"),
    (r"Seq$", "Sequence"),
    (r"AET$", "AETitle"),
    (r"^SPS(?=[A-Z])", "ScheduledProcedureStep"),
    (r"^PPS(?=[A-Z])", "PerformedProcedureStep"),
    (r"^OperatorName$", "OperatorsName"),
)
_TAG = re.compile(r"[(\[]?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})[)\]]?")


def convert_element_name(name: str, titles: Mapping[str, str] | None = None) -> str | None:
    """Return the reference of a rules file to an element that a script names; None if unknown.

    Parameters
    ----------
    name : str
        Keyword, older keyword of dcm4che, tag (also of a private element), or ``this``.
    titles : mapping of str to str, optional
        References to elements by the names that the script gives them.
    """
    name = name.strip()
    if name in ("", THIS):
        return THIS
    for keyword in (name, _modernize(name)):
        if tag_for_keyword(keyword) is not None:
            return keyword
    if titles and name in titles:
        return titles[name]
    match = _TAG.fullmatch(name)
    if match is None:
        return None
    if int(match[1], 16) % 2:
        return f"({match[1]},{match[2]})"
    tag = int(match[1] + match[2], 16)
    keyword = keyword_for_tag(tag)
    # The keyword of a repeating group names all of its groups.
    return keyword if tag_for_keyword(keyword) == tag else f"({match[1]},{match[2]})"


def convert_element_path(name: str, titles: Mapping[str, str] | None = None) -> str | None:
    """Return the reference to an element, or to one inside sequences: ``Seq::Element``.

    Parameters
    ----------
    name : str
    titles : mapping of str to str, optional
        References to elements by the names that the script gives them.
    """
    steps = [convert_element_name(step, titles) for step in name.split("::")]
    if len(steps) == 1:
        return steps[0]
    if None in steps or THIS in steps:
        return None
    return "/".join(step for step in steps if step)


def _modernize(name: str) -> str:
    """Return the keyword of PS3.6 for a name of dcm4che 1, such as RefSOPInstanceUID."""
    for pattern, words in _ABBREVIATIONS:
        name = re.sub(pattern, words, name)
    return name


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
    if operator == "greaterthan" and re.fullmatch(r"\s*\d+\s*", operand):
        return {element: {"greaterThan": int(operand)}}
    return None


def match_whole_value(element: str, pattern: str) -> ConditionNode:
    """Return the condition that the whole value matches; an absent element has an empty value.

    Parameters
    ----------
    element : str
        Reference to the element.
    pattern : str
        Regular expression.
    """
    pattern = f"^{pattern}$"
    node: ConditionNode = {element: {"matches": pattern}}
    if find_pattern_defect(pattern) or not is_found(pattern, ""):
        return node
    return {"any": [{element: {"missing": True}}, node]}


def negate(condition: ConditionNode) -> ConditionNode:
    """Return the opposite of a condition."""
    return {"not": condition}


def join(conditions: tuple[ConditionNode, ...]) -> ConditionNode | None:
    """Return one condition that is met if all are; None for no condition."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return {"all": list(conditions)}
