"""Operations that a rule set applies to the elements of one object, without any value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_BY_TAG, find_private_vr
from safelight.dicom.elements import Element, Item
from safelight.dicom.encoding import format_tag_path
from safelight.dicom.items import find_item_encodings, read_sequence
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import PIXEL_DATA_TAGS, SPECIFIC_CHARACTER_SET
from safelight.dicom.values import choose_vr
from safelight.headers.conditional_elements import choose_rule
from safelight.headers.element_references import LevelReader, ReferenceReader
from safelight.headers.models import DatasetContext
from safelight.headers.private_vrs import resolve_vr
from safelight.records import Refusal
from safelight.rules import AttributeRule, CompiledLevel, Operation, RuleSet
from safelight.rules.attributes import format_attribute
from safelight.rules.conditional_rules import ConditionalRules
from safelight.rules.operations import find_item_removal
from safelight.rules.profile import INSTANCE_REFERENCE_SEQUENCES

#: Operations that apply the rules to the items of a sequence.
_OPERATIONS_INTO_ITEMS = (
    Operation.KEEP, Operation.RECURSE, Operation.DUMMY, Operation.STRUCTURED_CONTENT,
)  # fmt: skip
_OPERATIONS_INTO_PRIVATE_ITEMS = (Operation.KEEP, Operation.RECURSE)
_NO_CREATOR = AttributeRule(Operation.REMOVE, "private, no creator")


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


def plan_object(rules: RuleSet, parsed: ParsedObject) -> Iterator[PlannedElement]:
    """Yield the planned operation on each element of an object, in order, at all levels.

    The items of private elements of VR UN, OB or OW are entered where a run enters them.

    Parameters
    ----------
    rules : RuleSet
    parsed : ParsedObject

    Raises
    ------
    Refusal
        If a sequence cannot be read.
    """
    compiled = ConditionalRules(rules).choose(ReferenceReader(parsed).read)
    lists_references = any(map(parsed.find, INSTANCE_REFERENCE_SEQUENCES))
    level = compiled.get_root_level(parsed.sop_class_uid, lists_references)
    terms = parsed.raw(SPECIFIC_CHARACTER_SET).decode("latin-1").rstrip("\0 ")
    elements = [one for one in parsed.elements if one.tag not in PIXEL_DATA_TAGS]
    yield from _plan_level(
        DatasetContext(
            parsed.data, None, level, parsed.encoding, character_sets.find_text_encodings(terms),
            elements=elements,
        )
    )  # fmt: skip


def _plan_level(context: DatasetContext) -> Iterator[PlannedElement]:
    """Yield the planned operations of a data set or item, and of the items inside it."""
    creators: dict[int, str] = {}
    for element in context.elements:
        if not element.tag >> 16 & 1:
            yield from _plan_standard(element, context)
        elif element.tag & 0xFFFF <= 0xFF:  # kept exactly if an element of its block is kept
            reader = LevelReader(context.data, context.encoding, context.text_encodings)
            creators[element.tag] = reader.decode(element, "LO").strip()
        else:
            block = element.tag & 0xFFFF0000 | (element.tag & 0xFFFF) >> 8
            yield from _plan_private(element, creators.get(block), context)


def _plan_standard(element: Element, context: DatasetContext) -> Iterator[PlannedElement]:
    """Yield the planned operations of a standard element and of its items."""
    expected = VR_BY_TAG[element.tag]
    rule = context.level.rules[element.tag]
    if rule.otherwise is not None:
        rule = choose_rule(element, expected, rule, context)
    vr = expected if element.vr == "UN" else choose_vr(element.vr, expected)
    name = format_attribute(element.tag).partition(" ")[2]
    yield _make_planned(element, name, vr, rule, context)
    is_sequence = vr == "SQ" or element.items is not None
    if is_sequence and rule.operation in _OPERATIONS_INTO_ITEMS:
        level = context.level.get_item_level(element.tag)
        yield from _plan_items(element, name, rule, level, context)


def _plan_private(
    element: Element, creator: str | None, context: DatasetContext
) -> Iterator[PlannedElement]:
    """Yield the planned operations of a private element and of its items."""
    tag = element.tag
    vr = find_private_vr(creator or "", tag) if element.vr == "UN" else element.vr
    rule = _NO_CREATOR
    if creator is not None and not context.dummied:
        rule = context.level.get_private_rule(creator, tag >> 16, tag & 0xFFFF, vr)
    if rule.otherwise is not None:
        rule = choose_rule(element, vr, rule, context)
    name = f"private {creator or ''}".strip()
    is_entered = rule.operation in _OPERATIONS_INTO_PRIVATE_ITEMS
    resolved = resolve_vr(context.data, element, vr, rule) if is_entered else vr
    planned = _make_planned(element, name, resolved, rule, context)
    if not is_entered or resolved != "SQ":
        yield planned
        return
    level = context.level.get_private_item_level()
    try:
        inner = list(_plan_items(element, name, rule, level, context))
    except Refusal:
        if element.vr == "SQ":
            raise
        if element.vr == "UN":  # the bytes are not a sequence
            rule = AttributeRule(Operation.REMOVE, rule.source)
        yield _make_planned(element, name, element.vr, rule, context)
        return
    yield planned
    yield from inner


def _plan_items(
    element: Element, name: str, rule: AttributeRule, level: CompiledLevel, context: DatasetContext
) -> Iterator[PlannedElement]:
    """Yield the planned operations in the items of a sequence."""
    items, encoding = read_sequence(context.data, element, context.encoding, context.depth)
    location = format_tag_path(context.path, element.tag)
    reader = LevelReader(context.data, encoding, context.text_encodings)
    is_private = element.tag >> 16 & 1
    removals = () if is_private else context.level.get_item_rules(element.tag)
    for number, item in enumerate(items):
        place = f"{location}[{number}]"
        removal = find_item_removal(removals, partial(reader.read_sibling, item.elements))
        if removal is not None:
            yield PlannedElement(place, name, "SQ", removal.operation.name, removal.source)
            continue
        yield from _plan_level(
            context._replace(
                level=level, encoding=encoding, path=f"{place}.", depth=context.depth + 1,
                dummied=context.dummied or rule.operation is Operation.DUMMY,
                text_encodings=_find_encodings(item, context), elements=item.elements,
            )
        )  # fmt: skip


def _find_encodings(item: Item, context: DatasetContext) -> tuple[str, ...]:
    """Return the Python codecs of the character set of an item."""
    return find_item_encodings(context.data, item.elements, context.text_encodings)


def _make_planned(
    element: Element, name: str, vr: str, rule: AttributeRule, context: DatasetContext
) -> PlannedElement:
    """Return the planned operation on one element, with its fallback."""
    operation = rule.operation.name
    if rule.operation is Operation.CLEAN:
        operation = f"CLEAN else {rule.fallback.name}"
    return PlannedElement(
        format_tag_path(context.path, element.tag), name, vr, operation, rule.source
    )
