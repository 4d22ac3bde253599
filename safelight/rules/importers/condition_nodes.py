"""Build conditions of a rules file."""

from __future__ import annotations

from safelight.rules.importers.models import ConditionNode
from safelight.rules.linear_patterns import find_pattern_defect, is_found

#: Condition that every object meets.
ALWAYS: ConditionNode = {
    "any": [{"SOPClassUID": {"present": True}}, {"SOPClassUID": {"missing": True}}]
}


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
