"""Apply the rules to the private elements of one data set or item."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from safelight.dicom import character_sets
from safelight.dicom.dictionary import find_private_vr, is_listed_creator
from safelight.dicom.elements import Element
from safelight.dicom.encoding import BULK_VRS, format_tag_path
from safelight.headers.conditional_elements import choose_kept_rule, choose_rule, refuse
from safelight.headers.edit_cache import CACHED_ELEMENT_MAX_BYTES, CachedEdit, EditCache
from safelight.headers.element_writer import ElementWriter
from safelight.headers.models import (
    ChangeLog,
    DatasetContext,
    ElementEdit,
    PrivateCreator,
    holds_original_value,
)
from safelight.headers.private_vrs import resolve_vr
from safelight.headers.residual_phi import find_known_in_code
from safelight.headers.retained_information import Retained, RetainedBits, classify_private
from safelight.headers.text_in_bytes import holds_name
from safelight.records import Action, Refusal
from safelight.rules import AttributeRule, Operation
from safelight.rules.attributes import DATE_VRS
from safelight.standard.options import Option
from safelight.standard.private_elements import find_safe_element

#: VRs of values that no recognizer reads.
_UNREAD_VRS = BULK_VRS | {"UN"}
#: VRs of dates, which a shift changes; a time alone is kept.
_SHIFTED_VRS = frozenset({"DA", "DT"})

#: Reason for the removal of private elements whose private creator names the patient.
KNOWN_CREATOR = "private, known value in its creator"


class SequenceEditor(Protocol):
    """Writer that applies the rules in the items of sequences."""

    def edit_sequence(
        self, element: Element, rule: AttributeRule, context: DatasetContext, log: ChangeLog
    ) -> ElementEdit | None:
        """Return the edit of a sequence; None keeps its bytes."""


class PrivateElementWriter:
    """Writer of the private elements of one patient's objects.

    Parameters
    ----------
    element_writer : ElementWriter
        Writer of the values of this patient.
    sequence_editor : SequenceEditor
        Writer of the sequences of these objects.
    """

    def __init__(self, element_writer: ElementWriter, sequence_editor: SequenceEditor):
        self._element_writer = element_writer
        self._sequence_editor = sequence_editor
        self._edits = EditCache()
        self._is_known = lru_cache(maxsize=1024)(self._has_known_value)

    def _has_known_value(self, creator: str) -> bool:
        """Return whether the name of a private creator holds a known value of the patient.

        A listed creator names a product, also if the institution has the name of its maker.
        """
        return not is_listed_creator(creator) and bool(
            find_known_in_code(self._element_writer.known, creator)
        )

    def write(
        self,
        element: Element,
        context: DatasetContext,
        creators: dict[int, PrivateCreator],
        pieces: list[bytes | memoryview],
        log: ChangeLog,
    ) -> bool:
        """Write one private element, and its private creator before the first kept element.

        Parameters
        ----------
        element : Element
            The private element or private creator.
        context : DatasetContext
            The data set or item that holds it.
        creators : dict of int to PrivateCreator
            Private creators of the data set by group and block number.
        pieces : list of bytes-like
            Receives the bytes of the new data set.
        log : ChangeLog
            Receives the rows to record.

        Returns
        -------
        bool
            True if the new data set differs from the source.
        """
        tag, data = element[0], context.data
        number = tag & 0xFFFF
        if 0x10 <= number <= 0xFF:
            raw = data[element.value : element.stop]
            name = character_sets.decode(raw, "LO", context.text_encodings).strip()
            creators[tag >> 16 << 8 | number] = PrivateCreator(
                name, element, len(pieces), len(log.actions)
            )
            pieces.append(b"")
            log.actions.append(_creator_action(context.path, tag, "removed"))
            return True
        creator = creators.get(tag >> 16 << 8 | number >> 8)
        if creator is None or context.dummied:
            log.add(_remove(context.path, tag, element.vr, "private, no creator"))
            return True
        edit, retained = self._find_edit(element, creator.name, context, log)
        if edit is None or edit.data:
            if not creator.written and self._is_known(creator.name):
                edit = _remove(context.path, tag, element.vr, KNOWN_CREATOR)
        if edit is not None:
            log.add(edit)
            if not edit.data:
                return True
            pieces.append(edit.data)
        else:
            pieces.append(memoryview(data)[element[2] : element[4]])
        log.retained |= retained
        if not creator.written:
            creator.written = True
            own = creator.element
            pieces[creator.piece_index] = data[own.start : own.stop]
            log.actions[creator.action_index] = _creator_action(context.path, own.tag, "kept")
        return True

    def keep_creator(
        self,
        element: Element,
        context: DatasetContext,
        creators: dict[int, PrivateCreator],
        log: ChangeLog,
    ) -> None:
        """Keep a private creator that the caller writes, because the rules add to its block.

        Parameters
        ----------
        element : Element
            The private creator; other elements have no effect.
        context : DatasetContext
            The data set that holds it.
        creators : dict of int to PrivateCreator
            Receives the private creator.
        log : ChangeLog
            Receives its row.
        """
        number = element.tag & 0xFFFF
        if not 0x10 <= number <= 0xFF:
            return
        raw = context.data[element.value : element.stop]
        name = character_sets.decode(raw, "LO", context.text_encodings).strip()
        block = element.tag >> 16 << 8 | number
        creators[block] = PrivateCreator(name, element, -1, -1, written=True)
        log.actions.append(_creator_action(context.path, element.tag, "kept"))

    def _find_edit(
        self, element: Element, creator: str, context: DatasetContext, log: ChangeLog
    ) -> CachedEdit:
        """Return the edit of an element and what the new element says, from the cache if possible.

        The path of an item is part of its edits, so only edits of the top level are cached.
        """
        size = element[4] - element[2]
        if context.depth or size > CACHED_ELEMENT_MAX_BYTES:
            return self._edit(element, creator, context, log)
        key = creator, context.data[element[2] : element[4]]
        cached = self._edits.get(key)
        if cached is None:
            inner = ChangeLog()
            cached = self._edit(element, creator, context, inner)
            self._edits.store(key, size, cached, inner)
            log.add_flags(inner)
            log.findings += inner.findings
        return cached

    def _edit(
        self, element: Element, creator: str, context: DatasetContext, log: ChangeLog
    ) -> CachedEdit:
        """Return the edit of one element, and what the new element says."""
        tag, vr = element.tag, element.vr
        if vr == "UN":
            vr = find_private_vr(creator, tag)
        group, low_byte = tag >> 16, tag & 0xFF
        rule = context.level.get_private_rule(creator, group, tag & 0xFFFF, vr)
        if rule.otherwise is not None:
            log.reads_object |= rule.compares_siblings()
            rule = choose_rule(element, vr, rule, context)
        if rule.operation is Operation.LOOKUP:
            log.reads_object = True
            rule = choose_kept_rule(element, vr, rule, context)
        if rule.operation is Operation.KEEP:
            rule = self._protect_kept(rule, vr, element, context, log)
        edit = self._apply(element, vr, rule, context, log)
        if edit is not None and not edit.data:
            return edit, 0
        operation = rule.operation
        if not holds_original_value(element, edit, context.data):
            operation = Operation.REMOVE
        elif operation in (Operation.TRANSFORM, Operation.LOOKUP) and edit is None:
            operation = Operation.KEEP
        elif rule.is_perturbed and vr in DATE_VRS:
            operation = Operation.SHIFT
        retained = log.retained | _classify(creator, group, low_byte, vr, operation)
        if operation is Operation.KEEP and vr in _UNREAD_VRS:
            raw = context.data[element.value : element.stop]
            if find_safe_element(creator, group, low_byte) is None and holds_name(raw):
                retained |= Retained.DIRECT_IDENTIFIER
        return edit, int(retained)

    def _protect_kept(
        self,
        rule: AttributeRule,
        vr: str,
        element: Element,
        context: DatasetContext,
        log: ChangeLog,
    ) -> AttributeRule:
        """Return the rule for a kept element, whose date or UID no rule names.

        The original date of the study beside the shifted one reveals the shift. Other dates may be
        those of the device, which must not be shifted.
        """
        options = self._element_writer.rules.options
        if vr == "UI" and Option.RETAIN_UIDS not in options:
            return replace(rule, operation=Operation.UID)
        if vr in _SHIFTED_VRS and Option.RETAIN_LONG_MODIFIED_DATES in options:
            log.reads_object = True
            if (
                context.study_day
                and context.study_day in context.data[element.value : element.stop]
            ):
                return replace(rule, operation=Operation.SHIFT)
        return rule

    def _apply(
        self,
        element: Element,
        vr: str,
        rule: AttributeRule,
        context: DatasetContext,
        log: ChangeLog,
    ) -> ElementEdit | None:
        """Apply a rule to one element; None keeps its bytes."""
        removed = _remove(context.path, element.tag, vr, rule.source)
        if rule.operation is Operation.REMOVE:
            return removed
        vr = resolve_vr(context.data, element, vr, rule)
        if vr == "SQ" and rule.operation in (Operation.KEEP, Operation.RECURSE):
            try:
                return self._sequence_editor.edit_sequence(element, rule, context, log)
            except Refusal:
                if element.vr == "SQ":
                    raise
                if element.vr == "UN":
                    return removed  # the bytes of UN are not a sequence
                vr = element.vr  # fragments or samples that begin like an item
        if element.items is not None:
            if rule.operation is Operation.QUARANTINE:
                raise refuse(rule)
            return removed  # a sequence, but the list of safe elements expects a value
        return self._element_writer.edit(element, vr, rule, context, log)


@lru_cache(maxsize=16384)
def _remove(path: str, tag: int, vr: str, source: str) -> ElementEdit:
    action = Action(format_tag_path(path, tag), "", vr, "removed", source)
    return ElementEdit(b"", (action,))


@lru_cache(maxsize=16384)
def _classify(
    creator: str, group: int, low_byte: int, vr: str, operation: Operation
) -> RetainedBits:
    """Return what a private element says after an operation."""
    is_safe = find_safe_element(creator, group, low_byte) is not None
    return classify_private(vr, operation, is_safe)


def _creator_action(path: str, tag: int, done: str) -> Action:
    return Action(format_tag_path(path, tag), "PrivateCreator", "LO", done, "private")
