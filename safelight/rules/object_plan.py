"""Operations that a rule set would apply to the elements of one object, without any value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from safelight.rules.attributes import format_attribute
from safelight.rules.compiled_rules import CompiledLevel
from safelight.rules.conditional_rules import ConditionalRules
from safelight.rules.conditions import EMPTY_VALUE
from safelight.rules.model import RuleSet
from safelight.rules.operations import AttributeRule, Operation, find_item_removal
from safelight.rules.profile import INSTANCE_REFERENCE_SEQUENCES
from safelight.rules.references import SIBLING_PREFIX, THIS, parse_reference
from safelight.rules.selectors import PathStep


@dataclass(frozen=True)
class PlannedElement:
    """Planned operation on one element.

    Attributes
    ----------
    location : str
        Tag path, such as ``(0008,1140)[0].(0008,1155)``.
    name : str
        Keyword; for a private element, ``private`` and the creator.
    vr : str
    operation : str
        Name of the operation; ``CLEAN else REMOVE`` if there is a fallback.
    source : str
        Origin of the rule.
    """

    location: str
    name: str
    vr: str
    operation: str
    source: str


def plan_object(rules: RuleSet, dataset: Dataset) -> Iterator[PlannedElement]:
    """Yield the planned operation on each element of a data set, in order, at all levels.

    Parameters
    ----------
    rules : RuleSet
    dataset : pydicom Dataset
    """
    lists_references = any(tag in dataset for tag in INSTANCE_REFERENCE_SEQUENCES)
    sop_class_uid = str(dataset.get("SOPClassUID", ""))
    compiled = ConditionalRules(rules).choose(lambda reference: _read_value(dataset, reference))
    level = compiled.get_root_level(sop_class_uid, lists_references)
    yield from _plan_level(dataset, level, "")


def _plan_level(dataset: Dataset, level: CompiledLevel, path: str) -> Iterator[PlannedElement]:
    """Yield the planned operations of one level and of the levels inside it."""
    for element in dataset:
        tag = element.tag
        location = f"{path}({tag.group:04X},{tag.element:04X})"
        if tag.is_private_creator:
            continue  # kept exactly if an element of its block is kept
        if tag.is_private:
            creator = str(element.private_creator or "")
            rule = level.get_private_rule(creator, tag.group, tag.element, element.VR)
            name = f"private {creator}".strip()
        else:
            rule = level.rules[int(tag)]
            name = format_attribute(int(tag)).partition(" ")[2]
        rule = rule.choose(partial(_read_beside, dataset, element))
        yield PlannedElement(location, name, element.VR, _format_operation(rule), rule.source)
        if element.VR == "SQ" and rule.operation in (Operation.RECURSE, Operation.DUMMY):
            if tag.is_private:
                item_level = level.get_private_item_level()
            else:
                item_level = level.get_item_level(int(tag))
            rules = () if tag.is_private else level.get_item_rules(int(tag))
            for number, item in enumerate(element.value or ()):
                removal = find_item_removal(rules, partial(_read_item, item))
                if removal is not None:
                    place = f"{location}[{number}]"
                    yield PlannedElement(place, name, "SQ", removal.operation.name, removal.source)
                    continue
                yield from _plan_level(item, item_level, f"{location}[{number}].")


def _read_beside(dataset: Dataset, element: DataElement, reference: str) -> str:
    """Return the text of an element, or of an element in the same data set or item."""
    if reference == THIS:
        return _format_value(element) or EMPTY_VALUE
    return _read_value(dataset, reference.removeprefix(SIBLING_PREFIX))


def _read_item(item: Dataset, reference: str) -> str:
    """Return the text of an element of an item for a reference with the prefix ``./``."""
    return _read_value(item, reference.removeprefix(SIBLING_PREFIX))


def _read_value(dataset: Dataset, reference: str) -> str:
    """Return the values of the element that a condition refers to."""
    selector = parse_reference(reference, by_number=True)
    levels = [dataset]
    for step in selector.steps[:-1]:
        found = [one for level in levels for one in _find_elements(level, step) if one.VR == "SQ"]
        levels = [item for element in found for item in element.value or ()]
    last = [one for level in levels for one in _find_elements(level, selector.steps[-1])]
    return "\\".join(filter(None, map(_format_value, last))) or (EMPTY_VALUE if last else "")


def _find_elements(dataset: Dataset, step: PathStep) -> Iterator[DataElement]:
    """Yield the elements of a data set that one step of a path selects."""
    for element in dataset:
        tag = element.tag
        if tag.is_private and step.private_digits:
            if step.matches_private("", tag.group, tag.element):
                yield element
        elif tag.is_private_creator:
            continue
        elif tag.is_private:
            creator = str(element.private_creator or "")
            if step.matches_private(creator, tag.group, tag.element):
                yield element
        elif step.matches(int(tag), element.VR):
            yield element


def _format_value(element: DataElement) -> str:
    r"""Return the values of an element as text, joined by ``\``; the size of other values."""
    value = element.value
    if value is None:
        return ""
    if element.VR == "SQ" or isinstance(value, bytes):
        return str(len(value)) if value else ""
    if isinstance(value, (MultiValue, list, tuple)):
        return "\\".join(str(one) for one in value)
    return str(value)


def _format_operation(rule: AttributeRule) -> str:
    """Return the name of the operation of a rule, with its fallback."""
    if rule.operation is Operation.CLEAN:
        return f"CLEAN else {rule.fallback.name}"
    return rule.operation.name
