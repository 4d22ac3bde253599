"""Collect the texts that must be annotated before an object can be written."""

from __future__ import annotations

from collections.abc import Iterator

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_BY_TAG, find_private_vr
from safelight.dicom.elements import Element
from safelight.dicom.encoding import CHARACTER_SET_VRS
from safelight.dicom.items import BYTES_VRS, find_item_encodings, read_sequence
from safelight.dicom.parser import ParsedObject
from safelight.dicom.values import choose_vr, split_text_values
from safelight.headers.conditional_elements import choose_rule
from safelight.headers.finding_filter import is_annotated
from safelight.headers.models import DatasetContext
from safelight.headers.private_vrs import resolve_vr
from safelight.records import Refusal
from safelight.rules import AttributeRule, CompiledLevel, Operation, Recheck, RuleSet

#: VRs of coded strings, titles and addresses: characters, but not sentences.
CODED_VRS = frozenset({"CS", "AE", "UR"})
#: VRs of kept values that are checked word by word.
TEXT_CHECKED_VRS = CHARACTER_SET_VRS | CODED_VRS

#: Operations that may need an annotation of a value or of a value in an item.
_OPERATIONS_WITH_TEXT = frozenset(
    {
        Operation.KEEP,
        Operation.CLEAN,
        Operation.RECURSE,
        Operation.STRUCTURED_CONTENT,
        Operation.TRANSFORM,
    }
)
#: A tuple is searched faster than a set, because enumerations are hashed by Python code.
_OPERATIONS_ON_KEPT_TEXT = (Operation.KEEP, Operation.TRANSFORM)
_OPERATIONS_INTO_ITEMS = frozenset(
    {Operation.KEEP, Operation.RECURSE, Operation.STRUCTURED_CONTENT}
)


def is_rechecked(rules: RuleSet, rule: AttributeRule, tag: int, vr: str, value: str) -> bool:
    """Return whether a value that the rules keep is annotated nevertheless.

    Parameters
    ----------
    rules : RuleSet
        Its text policy may switch this off.
    rule : AttributeRule
        Rule of the element.
    tag, vr, value
        The element. PHI.

    Returns
    -------
    bool
    """
    if rule.recheck is Recheck.NONE or rules.text.second_guess == "off":
        return False
    return is_annotated(tag, vr, value)


def collect_texts(
    parsed: ParsedObject, rules: RuleSet, level: CompiledLevel, text_encodings: tuple[str, ...]
) -> frozenset[str]:
    """Return the distinct values of all elements that the text model must annotate.

    Parameters
    ----------
    parsed : ParsedObject
        The source object.
    rules : RuleSet
        Gives the text policy.
    level : CompiledLevel
        Rules of the top level for the SOP class of the object.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set of the object.

    Returns
    -------
    frozenset of str
        PHI.
    """
    context = DatasetContext(
        parsed.data, None, level, parsed.encoding, text_encodings, elements=parsed.elements
    )
    return frozenset(_TextCollector(rules).collect(parsed.elements, context))


class _TextCollector:
    """Collector of the texts of one object.

    It reads the elements in the same way as the writer, so that the writer finds the annotation of
    each text.
    """

    def __init__(self, rules: RuleSet):
        self._rules = rules

    def collect(self, elements: list[Element], context: DatasetContext) -> Iterator[str]:
        """Yield the texts of a data set or item and of the items in it."""
        level = context.level
        creators: dict[int, str] = {}
        for element in elements:
            tag = element.tag
            item_level = None
            if tag >> 16 & 1:
                resolved = _resolve_private(element, context, creators)
                if resolved is None:
                    continue
                vr, rule, item_level = resolved
            else:
                rule = level.rules[tag]
                if rule.otherwise is not None:
                    rule = choose_rule(element, VR_BY_TAG[tag], rule, context)
                if rule.operation is Operation.LOOKUP and rule.may_keep:
                    rule = rule.keep()
                if rule.operation not in _OPERATIONS_WITH_TEXT:
                    continue
                vr = element.vr
                vr = VR_BY_TAG[tag] if vr == "UN" else choose_vr(vr, VR_BY_TAG[tag])
            operation = rule.operation
            if vr == "SQ" or element.items is not None:
                if operation in _OPERATIONS_INTO_ITEMS:
                    yield from self._collect_items(
                        element, item_level or level.get_item_level(tag), context
                    )
            elif operation is Operation.CLEAN or (
                operation in _OPERATIONS_ON_KEPT_TEXT and vr in TEXT_CHECKED_VRS
            ):
                yield from self._collect_values(element, vr, rule, context)

    def _collect_values(
        self, element: Element, vr: str, rule: AttributeRule, context: DatasetContext
    ) -> Iterator[str]:
        """Yield the values of one element that must be annotated."""
        is_cleaned = rule.operation is Operation.CLEAN
        raw = context.data[element.value : element.stop]
        for value in split_text_values(raw, vr, context.text_encodings):
            if is_cleaned:
                if value.strip():
                    yield value
            elif is_rechecked(self._rules, rule, element.tag, vr, value):
                yield value

    def _collect_items(
        self, element: Element, level: CompiledLevel, context: DatasetContext
    ) -> Iterator[str]:
        """Yield the texts of the items of a sequence."""
        data = context.data
        try:
            items, encoding = read_sequence(data, element, context.encoding, context.depth)
        except Refusal:
            if element.vr == "SQ":
                raise
            return  # the bytes are not a sequence, and the writer keeps no text of them
        item_context = context._replace(level=level, encoding=encoding, depth=context.depth + 1)
        for item in items:
            elements = item.elements
            encodings = find_item_encodings(data, elements, context.text_encodings)
            inner = item_context._replace(elements=elements, text_encodings=encodings)
            yield from self.collect(elements, inner)


def _resolve_private(
    element: Element, context: DatasetContext, creators: dict[int, str]
) -> tuple[str, AttributeRule, CompiledLevel] | None:
    """Return VR and rule of a private element, and the rules of its items.

    Return None for a private creator, which is added to ``creators``, and for an element without
    one.
    """
    tag, level = element.tag, context.level
    group, number = tag >> 16, tag & 0xFFFF
    if number <= 0xFF:
        raw = context.data[element.value : element.stop]
        name = character_sets.decode(raw, "LO", context.text_encodings).strip()
        creators[group << 8 | number] = name
        return None
    creator = creators.get(group << 8 | number >> 8)
    if creator is None:
        return None
    vr = find_private_vr(creator, tag) if element.vr == "UN" else element.vr
    rule = level.get_private_rule(creator, group, number, vr)
    if rule.otherwise is not None:
        rule = choose_rule(element, vr, rule, context)
    if rule.operation is Operation.LOOKUP and rule.may_keep:
        rule = rule.keep()
    if element.vr in BYTES_VRS:
        vr = resolve_vr(context.data, element, vr, rule)
    return vr, rule, level.get_private_item_level() if vr == "SQ" else level
