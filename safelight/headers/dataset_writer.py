"""Apply the rules to the elements of one data set or item: values, sequences, private blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias
from weakref import proxy

from safelight.dicom.dictionary import VR_BY_TAG
from safelight.dicom.elements import INVALID_VR, Element, Item
from safelight.dicom.encoding import (
    BULK_VRS,
    NUMBER_LAYOUTS,
    STRING_VRS,
    Encoding,
    format_tag_path,
)
from safelight.dicom.items import find_item_encodings, read_sequence
from safelight.dicom.tags import PIXEL_DATA_TAGS
from safelight.dicom.values import choose_vr
from safelight.headers.conditional_elements import choose_kept_rule, choose_rule, refuse
from safelight.headers.content_dates import is_shared_content_date
from safelight.headers.dummy_values import load_structural_values
from safelight.headers.element_references import LevelReader
from safelight.headers.element_writer import ElementWriter
from safelight.headers.item_removal import make_empty_sequence, remove_items
from safelight.headers.models import (
    ChangeLog,
    DatasetContext,
    ElementEdit,
    PrivateCreator,
    holds_original_value,
    make_action,
)
from safelight.headers.private_writer import PrivateElementWriter
from safelight.headers.retained_information import (
    RETAINING_OPERATIONS,
    RetainedBits,
    classify_standard,
)
from safelight.records import Reason, Refusal
from safelight.rules import AttributeRule, CompiledLevel, Operation, Recheck
from safelight.rules.attributes import DATE_VRS
from safelight.rules.profile import CLEAN_DESCRIPTORS_SOURCE

#: Limit of the cache of what elements say, so that arbitrary attributes cannot fill the memory.
_MAX_CACHED_ELEMENTS = 20_000


#: Level, tag, VR, source of the rule, and whether the object has no annotations, the value is a
#: dummy, and the value is unchanged.
_RetainedKey: TypeAlias = tuple[CompiledLevel, int, str, str, bool, bool, bool]


class DatasetWriter:
    """Writer of the data sets and items of one patient's objects.

    Parameters
    ----------
    element_writer : ElementWriter
        Writer of the values of this patient.
    """

    def __init__(self, element_writer: ElementWriter):
        self.element_writer = element_writer
        # Without a cycle of references, a writer that leaves the cache is freed at once.
        self.private_writer = PrivateElementWriter(element_writer, proxy(self))
        self._unchanged: set[tuple[CompiledLevel, int, str]] = set()
        self._retained: dict[_RetainedKey, RetainedBits] = {}

    def write_item(
        self, elements: list[Element], context: DatasetContext, log: ChangeLog
    ) -> list[bytes | memoryview] | None:
        """Return the new content of one item in pieces, or None if nothing in it changes.

        Parameters
        ----------
        elements : list of Element
            Elements of the item.
        context : DatasetContext
            The item.
        log : ChangeLog
            Receives the rows to record.

        Returns
        -------
        list of bytes-like or None
        """
        data = context.data
        encodings = find_item_encodings(data, elements, context.text_encodings)
        if encodings is not context.text_encodings:
            context = context._replace(text_encodings=encodings)
        pieces: list[bytes | memoryview] = []
        creators: dict[int, PrivateCreator] = {}
        changed = False
        level, unchanged = context.level, self._unchanged
        for element in elements:
            if (level, element[0], element[1]) in unchanged and not context.dummied:
                pieces.append(memoryview(data)[element.start : element.stop])
                continue
            if element.tag >> 16 & 1:
                changed |= self.private_writer.write(element, context, creators, pieces, log)
                continue
            rule = level.rules[element.tag]
            if is_conditional := rule.otherwise is not None:
                rule = choose_rule(element, VR_BY_TAG[element.tag], rule, context)
            if rule.operation is Operation.SHIFT and is_shared_content_date(
                element.tag, elements, data
            ):
                rule = AttributeRule(Operation.DUMMY, f"{rule.source}, shared by patients")
            retained, log.retained = log.retained, 0
            edit = self.edit_standard(element, rule, context, log)
            is_kept = edit is None and not log.retained and rule.operation is Operation.KEEP
            log.retained |= retained
            if edit is None:
                pieces.append(memoryview(data)[element.start : element.stop])
                if is_kept and not is_conditional and can_skip_check(element):
                    unchanged.add((level, element[0], element[1]))
                continue
            changed = True
            if edit.data:
                pieces.append(edit.data)
            log.add(edit)
        return pieces if changed else None

    def edit_sequence(
        self, element: Element, rule: AttributeRule, context: DatasetContext, log: ChangeLog
    ) -> ElementEdit | None:
        """Apply the rules in every item of a sequence; return None if nothing changes.

        Parameters
        ----------
        element : Element
            The sequence.
        rule : AttributeRule
            Its rule.
        context : DatasetContext
            The data set or item that holds it.
        log : ChangeLog
            Receives flags and the findings in items.

        Returns
        -------
        ElementEdit or None

        Raises
        ------
        Refusal
            If the value cannot be read as items, or the rules require a step of another stage
            that was not done.
        """
        tag, level = element.tag, context.level
        items, encoding = read_sequence(context.data, element, context.encoding, context.depth)
        location = format_tag_path(context.path, tag)
        inner = ChangeLog()
        numbered = list(enumerate(items))
        if tag & 0x10000 == 0 and (item_rules := level.get_item_rules(tag)):
            reader = LevelReader(context.data, encoding, context.text_encodings)
            numbered = remove_items(element, items, item_rules, reader, location, inner)
            if items and not numbered:
                return make_empty_sequence(element, location, rule, context, inner)
        dummied = context.dummied or rule.operation is Operation.DUMMY
        if dummied:
            numbered = numbered[:1]
        item_level = level.get_private_item_level() if tag >> 16 & 1 else level.get_item_level(tag)
        has_rest = _has_rest(element, items)
        changed = dummied or has_rest or len(numbered) < len(items)
        parts: list[bytes] = []
        for number, item in numbered:
            item_context = DatasetContext(
                context.data, context.spans, item_level, encoding, context.text_encodings,
                f"{location}[{number}].", context.depth + 1, dummied, context.object_values,
                item.elements,
            )  # fmt: skip
            pieces = self.write_item(item.elements, item_context, inner)
            changed |= pieces is not None
            parts.append(_encode_item(context.data, item, pieces, encoding))
        log.add_flags(inner)
        log.findings += inner.findings
        if not changed:
            return None
        actions = inner.actions
        if dummied or has_rest:
            done = "dummied" if dummied else "cleaned"
            actions = [make_action(location, element, "SQ", done, rule), *actions]
        content = b"".join(parts)
        if element.vr == "UN" or (tag >> 16 & 1 and element.vr != "SQ"):
            new = context.encoding.element(tag, element.vr, content)
        else:
            new = context.encoding.sequence(tag, "SQ", content, element.undefined)
        return ElementEdit(new, tuple(actions), tuple(inner.mappings))

    # ------------------------------------------------------------------ standard elements

    def edit_standard(
        self, element: Element, rule: AttributeRule, context: DatasetContext, log: ChangeLog
    ) -> ElementEdit | None:
        """Return the edit of one standard element; None keeps its bytes.

        Parameters
        ----------
        element : Element
            The element or sequence.
        rule : AttributeRule
            Its rule.
        context : DatasetContext
            The data set or item that holds it.
        log : ChangeLog
            Receives flags and the findings in items.

        Returns
        -------
        ElementEdit or None

        Raises
        ------
        Refusal
            If the rules require a step of another stage that was not done.
        """
        tag, vr = element.tag, element.vr
        expected = VR_BY_TAG[tag]
        if vr in ("UN", INVALID_VR):
            vr = expected if element.vr == "UN" else "UN"
        elif vr != expected:
            vr = choose_vr(vr, expected)
        location = format_tag_path(context.path, tag)
        operation = rule.operation
        if (
            operation is Operation.REMOVE
            or element.vr == INVALID_VR
            or (vr == "UN" and element.vr == "UN")
        ):
            return ElementEdit(b"", (make_action(location, element, vr, "removed", rule),))
        if operation is Operation.ENCAPSULATED_DOCUMENT or operation is Operation.QUARANTINE:
            raise refuse(rule)
        if operation is Operation.STRUCTURED_CONTENT:
            if context.spans is None:
                raise _STRUCTURED_CONTENT
            log.cleaned_content = True
        if vr == "SQ" or element.items is not None:
            if context.spans is None and rule.source == CLEAN_DESCRIPTORS_SOURCE:
                # Without a text model nothing is cleaned: the Basic Profile decides.
                rule = replace(rule, operation=rule.fallback)
            return self._edit_standard_sequence(element, rule, context, log)
        if context.dummied and not _is_kept_in_dummy(operation, tag):
            rule = AttributeRule(Operation.DUMMY, rule.source, None)
        edit, rule = self._edit_value(element, vr, rule, context, log)
        if rule.operation in RETAINING_OPERATIONS:
            key = (
                context.level,
                tag,
                vr,
                rule.source,
                context.spans is None,
                context.dummied,
                edit is None,
            )
            retained = self._retained.get(key)
            if retained is None:
                retained = self._classify(tag, vr, rule, context.spans is None, edit is None)
                if len(self._retained) < _MAX_CACHED_ELEMENTS:
                    self._retained[key] = retained
            if retained and holds_original_value(element, edit, context.data):
                log.retained |= retained
        return edit

    def _edit_value(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> tuple[ElementEdit | None, AttributeRule]:
        """Return the edit of a value, and the rule with the operation that was carried out."""
        if rule.operation is not Operation.LOOKUP:
            return self.element_writer.edit(element, vr, rule, context, log), rule
        log.reads_object = True
        rule = choose_kept_rule(element, vr, rule, context)
        edit = self.element_writer.edit(element, vr, rule, context, log)
        if edit is None:  # the table has the value itself
            rule = replace(rule, operation=Operation.KEEP)
        return edit, rule

    def _edit_standard_sequence(
        self, element: Element, rule: AttributeRule, context: DatasetContext, log: ChangeLog
    ) -> ElementEdit | None:
        """Remove or empty a sequence, or apply the rules in its items; None keeps its bytes."""
        location = format_tag_path(context.path, element.tag)
        if rule.operation is Operation.REMOVE:
            return ElementEdit(b"", (make_action(location, element, "SQ", "removed", rule),))
        if rule.operation is Operation.EMPTY:
            if not element.items and element.value == element.stop:
                return None
            empty = context.encoding.sequence(element.tag, "SQ", b"", False)
            return ElementEdit(empty, (make_action(location, element, "SQ", "emptied", rule),))
        return self.edit_sequence(element, rule, context, log)

    def _classify(
        self, tag: int, vr: str, rule: AttributeRule, without_model: bool, is_unchanged: bool
    ) -> RetainedBits:
        """Return what a retained value of a standard element says.

        A value that a function of the rules left as it was counts as kept.
        """
        if rule.operation not in RETAINING_OPERATIONS:
            return 0
        rules = self.element_writer.rules
        is_read = rule.recheck is not Recheck.NONE and rules.text.second_guess != "off"
        is_read &= not without_model
        operation = rule.operation
        if operation is Operation.SHIFT and rules.date_precision != "day" and vr != "TM":
            operation = Operation.TRANSFORM  # the shifted date is reduced
        elif operation is Operation.TRANSFORM and is_unchanged:
            operation = Operation.KEEP
        elif rule.is_perturbed and vr in DATE_VRS:
            is_reduced = vr == "DT" and rules.date_precision != "day"
            operation = Operation.TRANSFORM if is_reduced else Operation.SHIFT
        return classify_standard(tag, vr, operation, is_read, rules.options)


_STRUCTURED_CONTENT = Refusal(
    Reason.STRUCTURED_CONTENT,
    "the content tree of this report needs the text stage to be cleaned; run with text on, or "
    "let the rules remove such objects",
)


def _is_kept_in_dummy(operation: Operation, tag: int) -> bool:
    """Return whether an element keeps its rule in an item that gets dummy values."""
    return operation is Operation.UID or (
        operation is Operation.KEEP and tag in load_structural_values().kept
    )


def can_skip_check(element: Element) -> bool:
    """Return whether elements of this tag and VR never hold text, so a kept one needs no check."""
    if element.vr in BULK_VRS and element.tag not in PIXEL_DATA_TAGS:
        return False
    if element.vr in NUMBER_LAYOUTS:  # the next element of the tag may be longer, or a known number
        return False
    return element.items is None and (
        element.vr not in STRING_VRS
        and element.vr not in ("SQ", "UN", INVALID_VR)
        and VR_BY_TAG[element.tag] not in STRING_VRS
    )


def _has_rest(element: Element, items: list[Item]) -> bool:
    """Return whether a sequence of defined length has bytes after its last item."""
    if element.undefined:
        return False
    end = items[-1].stop + 8 * items[-1].undefined if items else element.value
    return end != element.stop


def _encode_item(
    data: bytes, item: Item, pieces: list[bytes | memoryview] | None, encoding: Encoding
) -> bytes:
    content = data[item.start : item.stop] if pieces is None else b"".join(pieces)
    return encoding.item(content, item.undefined)
