"""Apply the plan to the elements of any level: single ones, sequences, private blocks."""

from __future__ import annotations

from functools import lru_cache

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_OF, private_vr
from safelight.dicom.elements import Element, Item, Walker
from safelight.dicom.encoding import (
    IMPLICIT_LITTLE,
    NUMBER_LAYOUTS,
    STRING_VRS,
    Encoding,
    location,
)
from safelight.headers.change_log import ChangeLog, Creator, DatasetContext, ElementEdit, action
from safelight.headers.element_writer import ElementWriter
from safelight.headers.patient_identity import SPECIFIC_CHARACTER_SET
from safelight.headers.residual_phi import SHORTEST_NUMBER
from safelight.headers.text_collection import read_vr
from safelight.records import Action, Reason, Refusal
from safelight.rules import AttributeRule, CompiledLevel, Operation


class DatasetWriter:
    """Applies the plan to the elements of one patient's objects, whatever level they stand at.

    Parameters
    ----------
    writer : ElementWriter
        Of the patient.
    """

    def __init__(self, writer: ElementWriter):
        self.writer = writer
        self._untouched: set[tuple[CompiledLevel, int, str]] = set()

    def level(
        self, data: bytes, elements: list[Element], place: DatasetContext, records: ChangeLog
    ) -> list[bytes | memoryview] | None:
        """New content of one item, or ``None`` if nothing in it changes."""
        for element in elements:
            if element.tag == SPECIFIC_CHARACTER_SET:
                terms = data[element.value : element.stop].decode("latin-1").rstrip("\0 ")
                place = DatasetContext(
                    place.level, place.encoding, character_sets.encodings_of(terms), place.path,
                    place.depth, place.dummied,
                )  # fmt: skip
        pieces: list[bytes | memoryview] = []
        creators: dict[int, Creator] = {}
        changed = False
        level, untouched = place.level, self._untouched
        for element in elements:
            if (level, element[0], element[1]) in untouched and not place.dummied:
                pieces.append(memoryview(data)[element.start : element.stop])
                continue
            if element.tag >> 16 & 1:
                changed |= self.private(data, element, place, creators, pieces, records)
                continue
            rule = level.rules[element.tag]
            outcome = self.standard(data, element, rule, place, records)
            if outcome is None:
                pieces.append(memoryview(data)[element.start : element.stop])
                if rule.operation is Operation.KEEP and is_plain(element):
                    untouched.add((level, element[0], element[1]))
                continue
            changed = True
            if outcome.data:
                pieces.append(outcome.data)
            records.add(outcome)
        return pieces if changed else None

    def _sequence(
        self,
        data: bytes,
        element: Element,
        vr: str,
        child: CompiledLevel,
        place: DatasetContext,
        rule: AttributeRule,
        records: ChangeLog,
        dummied: bool,
    ) -> ElementEdit | None:
        """Apply the plan inside every item. ``None`` if nothing changes."""
        encoding = place.encoding
        if element.vr == "UN" and vr == "SQ":
            encoding = IMPLICIT_LITTLE  # PS3.5, section 6.2.2, note 2
        items = element.items
        if items is None:
            items, _ = Walker(data).items(element, element.stop, encoding, place.depth)
        if dummied:
            items = items[:1]
        where = location(place.path, element.tag)
        changed = dummied
        parts: list[bytes] = []
        inner = ChangeLog()
        for number, item in enumerate(items):
            inside = DatasetContext(
                child, encoding, place.encodings, f"{where}[{number}].", place.depth + 1, dummied
            )
            pieces = self.level(data, item.elements, inside, inner)
            changed |= pieces is not None
            parts.append(_item_bytes(data, item, pieces, encoding))
        records.add_marks(inner)
        records.findings += inner.findings
        if not changed:
            return None
        actions = inner.actions
        if dummied:
            actions = [action(where, element, vr, "dummied", rule), *actions]
        content = b"".join(parts)
        if element.vr == "UN":
            new = place.encoding.element(element.tag, "UN", content)
        else:
            new = place.encoding.sequence(element.tag, "SQ", content, element.undefined)
        return ElementEdit(new, tuple(actions), tuple(inner.mappings))

    # ------------------------------------------------------------------ private elements

    def private(
        self,
        data: bytes,
        element: Element,
        place: DatasetContext,
        creators: dict[int, Creator],
        pieces: list[bytes | memoryview],
        records: ChangeLog,
    ) -> bool:
        """Write one private element; a creator is written with the first element of its block.

        Returns
        -------
        bool
            Whether anything differs from the original.
        """
        tag = element.tag
        group, number = tag >> 16, tag & 0xFFFF
        if 0x10 <= number <= 0xFF:
            name = character_sets.decode(data[element.value : element.stop], "LO", place.encodings)
            creators[group << 8 | number] = Creator(name.strip(), element, len(pieces))
            pieces.append(b"")
            records.actions.append(
                Action(location(place.path, tag), "PrivateCreator", "LO", "removed", "private")
            )
            creators[group << 8 | number].action = len(records.actions) - 1
            return True
        creator = creators.get(group << 8 | number >> 8)
        vr = element.vr
        rule = None
        if creator is not None and not place.dummied:
            if vr == "UN":
                vr = private_vr(creator.name, tag)
            rule = place.level.get_private_rule(creator.name, group, number & 0xFF, vr)
        if rule is None:
            records.add(_removed_private(place.path, tag, vr, "private, no creator"))
            return True
        outcome = self._private_outcome(data, element, vr, rule, place, records)
        if outcome is not None:
            records.add(outcome)
            if outcome.data:
                pieces.append(outcome.data)
        else:
            pieces.append(memoryview(data)[element.start : element.stop])
        if creator is not None and (outcome is None or outcome.data):
            records.kept_private = True
            if not creator.written:
                creator.written = True
                own = creator.element
                pieces[creator.piece] = data[own.start : own.stop]
                records.actions[creator.action] = Action(
                    location(place.path, own.tag), "PrivateCreator", "LO", "kept", "private"
                )
        return True

    def _private_outcome(
        self,
        data: bytes,
        element: Element,
        vr: str,
        rule: AttributeRule,
        place: DatasetContext,
        records: ChangeLog,
    ) -> ElementEdit | None:
        removed = _removed_private(place.path, element.tag, vr, rule.source)
        if rule.operation is Operation.REMOVE:
            return removed
        if vr == "UN":
            vr = rule.argument or vr
        if vr == "SQ" and rule.operation in (Operation.KEEP, Operation.RECURSE):
            child = place.level.get_private_item_level()
            try:
                return self._sequence(data, element, vr, child, place, rule, records, False)
            except Refusal:
                if element.vr == "SQ":
                    raise
                return removed  # UN bytes that are no sequence after all
        if element.items is not None:
            return removed  # items where the safe list expects a value
        return self.writer.write(data, element, vr, rule, place, records)

    # ------------------------------------------------------------------ single elements

    def standard(
        self,
        data: bytes,
        element: Element,
        rule: AttributeRule,
        place: DatasetContext,
        records: ChangeLog,
    ) -> ElementEdit | None:
        """The outcome for one standard element; ``None`` keeps its bytes."""
        tag, vr = element.tag, element.vr
        expected = VR_OF[tag]
        if vr in ("UN", "??"):
            vr = expected if element.vr == "UN" else "UN"
        elif vr != expected:
            vr = read_vr(vr, expected)
        where = location(place.path, tag)
        op = rule.operation
        if op is Operation.REMOVE or element.vr == "??" or (vr == "UN" and element.vr == "UN"):
            return ElementEdit(b"", (action(where, element, vr, "removed", rule),))
        if op is Operation.ENCAPSULATED_DOCUMENT:
            raise _ENCAPSULATED_DOCUMENT
        if op is Operation.STRUCTURED_CONTENT:
            if self.writer.spans is None:
                raise _STRUCTURED_CONTENT
            records.cleaned_content = True
        if vr == "SQ" or element.items is not None:
            if op is Operation.EMPTY:
                if not element.items and element.value == element.stop:
                    return None
                empty = place.encoding.sequence(tag, "SQ", b"", False)
                return ElementEdit(empty, (action(where, element, vr, "emptied", rule),))
            dummied = place.dummied or op is Operation.DUMMY
            child = place.level.get_item_level(tag)
            return self._sequence(data, element, "SQ", child, place, rule, records, dummied)
        if place.dummied and op is not Operation.UID:
            rule = AttributeRule(Operation.DUMMY, rule.source, None)
        return self.writer.write(data, element, vr, rule, place, records)


@lru_cache(maxsize=16384)
def _removed_private(path: str, tag: int, vr: str, why: str) -> ElementEdit:
    return ElementEdit(b"", (Action(location(path, tag), "", vr, "removed", why),))


_STRUCTURED_CONTENT = Refusal(
    Reason.STRUCTURED_CONTENT,
    "the content tree of this report needs the text stage to be cleaned; run with text on, or "
    "let the rules remove such objects",
)
_ENCAPSULATED_DOCUMENT = Refusal(
    Reason.ENCAPSULATED_DOCUMENT,
    "the encapsulated document cannot be cleaned; review it by hand, or let the rules remove "
    "such objects",
)


def is_plain(element: Element) -> bool:
    """Whether a kept element can hold no text: it is then never looked at again."""
    if element.vr in NUMBER_LAYOUTS and element.stop - element.value >= SHORTEST_NUMBER:
        return False
    return element.items is None and (
        element.vr not in STRING_VRS
        and element.vr not in ("SQ", "UN", "??")
        and VR_OF[element.tag] not in STRING_VRS
    )


def _item_bytes(
    data: bytes, item: Item, pieces: list[bytes | memoryview] | None, encoding: Encoding
) -> bytes:
    content = data[item.start : item.stop] if pieces is None else b"".join(pieces)
    return encoding.item(content, item.undefined)
