"""What a rule set would do to one object, element by element, without showing any value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from safelight.rules.attributes import name_of
from safelight.rules.model import RuleSet
from safelight.rules.operations import Op, Rule
from safelight.rules.plan import Level, Plan
from safelight.rules.profile import LISTS


@dataclass(frozen=True)
class Planned:
    """The fate of one element.

    Attributes
    ----------
    location : str
        Tag path, such as ``(0008,1140)[0].(0008,1155)``.
    name : str
        Keyword, or creator of a private element.
    vr : str
    op : str
        Name of the operation; ``CLEAN else REMOVE`` where there is a fallback.
    source : str
        The rule that decides.
    """

    location: str
    name: str
    vr: str
    op: str
    source: str


def explain(rules: RuleSet, dataset: Dataset) -> Iterator[Planned]:
    """What becomes of each element of a data set, in order, nested ones included."""
    listed = any(tag in dataset for tag in LISTS)
    level = Plan(rules).for_sop_class(str(dataset.get("SOPClassUID", "")), listed)
    yield from _level(dataset, level, "")


def _level(dataset: Dataset, level: Level, path: str) -> Iterator[Planned]:
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
            name = name_of(int(tag)).partition(" ")[2]
        yield Planned(where, name, element.VR, _op(rule), rule.source)
        if element.VR == "SQ" and rule.op in (Op.RECURSE, Op.DUMMY):
            child = level.private_item() if tag.is_private else level.item(int(tag))
            for number, item in enumerate(element.value or ()):
                yield from _level(item, child, f"{where}[{number}].")


def _op(rule: Rule) -> str:
    return f"CLEAN else {rule.fallback.name}" if rule.op is Op.CLEAN else rule.op.name
