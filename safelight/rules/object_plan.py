"""What a rule set would do to one object, element by element, without showing any value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from safelight.rules.attributes import format_attribute
from safelight.rules.compiled_rules import CompiledLevel, CompiledRules
from safelight.rules.model import RuleSet
from safelight.rules.operations import AttributeRule, Operation
from safelight.rules.profile import INSTANCE_REFERENCE_SEQUENCES


@dataclass(frozen=True)
class PlannedElement:
    """The fate of one element.

    Attributes
    ----------
    location : str
        Tag path, such as ``(0008,1140)[0].(0008,1155)``.
    name : str
        Keyword, or creator of a private element.
    vr : str
    operation : str
        Name of the operation; ``CLEAN else REMOVE`` where there is a fallback.
    source : str
        The rule that decides.
    """

    location: str
    name: str
    vr: str
    operation: str
    source: str


def plan_object(rules: RuleSet, dataset: Dataset) -> Iterator[PlannedElement]:
    """What becomes of each element of a data set, in order, nested ones included."""
    listed = any(tag in dataset for tag in INSTANCE_REFERENCE_SEQUENCES)
    level = CompiledRules(rules).for_sop_class(str(dataset.get("SOPClassUID", "")), listed)
    yield from _level(dataset, level, "")


def _level(dataset: Dataset, level: CompiledLevel, path: str) -> Iterator[PlannedElement]:
    for element in dataset:
        tag = element.tag
        where = f"{path}({tag.group:04X},{tag.element:04X})"
        if tag.is_private_creator:
            continue  # stays exactly when an element of its block does
        if tag.is_private:
            creator = str(element.private_creator or "")
            rule = level.private(creator, tag.group, tag.element & 0xFF, element.VR)
            name = f"private {creator}".strip()
        else:
            rule = level.rules[int(tag)]
            name = format_attribute(int(tag)).partition(" ")[2]
        yield PlannedElement(where, name, element.VR, _op(rule), rule.source)
        if element.VR == "SQ" and rule.operation in (Operation.RECURSE, Operation.DUMMY):
            child = level.private_item() if tag.is_private else level.item(int(tag))
            for number, item in enumerate(element.value or ()):
                yield from _level(item, child, f"{where}[{number}].")


def _op(rule: AttributeRule) -> str:
    return (
        f"CLEAN else {rule.fallback.name}"
        if rule.operation is Operation.CLEAN
        else rule.operation.name
    )
