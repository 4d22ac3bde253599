"""HL7 v2 messages as notes: whom they are about, and each field by its rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.hl7v2.encapsulated_data import clean_data
from safelight.notes.hl7v2.field_rules import Components, component_rule, hl7_table
from safelight.notes.hl7v2.message_syntax import Delimiters, Field, Message, Segment
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.text.known.known_phi import KnownValue

#: HL7's explicit null: delete what the receiver has.
_NULL = '""'


@dataclass
class _Leaf:
    """One subcomponent: where it stands, its rule and what it says."""

    path: tuple[int, int, int, int, int]  # segment, field, repetition, component, subcomponent
    where: str
    rule: FieldRule
    text: str


def _value_type(segment: Segment) -> str:
    return _first(segment, 2) if segment.name == "OBX" else ""


def _first(segment: Segment, number: int, component: int = 1) -> str:
    """First repetition of one component, as it stands."""
    try:
        return segment.fields[number - 1][0][component - 1][0]
    except IndexError:
        return ""


class Hl7Note:
    """Messages as notes.

    Parameters
    ----------
    options : NotesOptions
    """

    def __init__(self, options: NotesOptions):
        self._options = options
        self._table = hl7_table()

    def subject(self, message: Message) -> Subject:
        """The patient of PID-3, the message's control ID, and who is named in it."""
        identity = ""
        for segment in message.segments:
            if segment.name == "PID":
                patient_id = self._patient_id(segment, message.delimiters)
                identity = self._options.identity(patient_id) if patient_id else ""
                break
        known = tuple(self._known(message))
        note_id = _first(message.segments[0], 10)
        return Subject(identity, (identity,) if identity else (), note_id, known)

    def _patient_id(self, pid: Segment, delimiters: Delimiters) -> str:
        for number in (3, 2, 4):
            if len(pid.fields) < number:
                continue
            found = [
                (delimiters.unescape(r[0][0]).strip(), r[4][0].strip() if len(r) > 4 else "")
                for r in pid.fields[number - 1]
            ]
            found = [pair for pair in found if pair[0] and pair[0] != _NULL]
            for wanted in self._table.patient_identifier_types:
                for value, kind in found:
                    if kind == wanted:
                        return value
            if found:
                return found[0][0]
        return ""

    def _known(self, message: Message) -> Iterator[KnownValue]:
        unescape = message.delimiters.unescape
        for segment in message.segments:
            for number, field in enumerate(segment.fields, 1):
                rules = self._table.rules(segment.name, number, _value_type(segment))
                if isinstance(rules, Components) and rules.name:
                    yield from self._names(field, rules, message.delimiters)
        for leaf in self._leaves(message):
            known = leaf.rule.known
            if known is not None and known[0] != "NAME" and leaf.text != _NULL:
                yield KnownValue(known[0], unescape(leaf.text), known[1])
            elif known is not None and leaf.rule.op is FieldOp.REMOVE:
                yield KnownValue("NAME", unescape(leaf.text), known[1])

    def _names(
        self, field: Field, rules: Components, delimiters: Delimiters
    ) -> Iterator[KnownValue]:
        kinds = (component_rule(rules, number).known for number in rules.name)
        kind = next((known[1] for known in kinds if known), "")
        for repetition in field:
            parts = [
                delimiters.unescape(repetition[number - 1][0])
                for number in rules.name
                if number <= len(repetition)
            ]
            if any(part.strip() and part != _NULL for part in parts):
                yield KnownValue("NAME", "^".join(part.replace("^", " ") for part in parts), kind)

    def _leaves(self, message: Message) -> Iterator[_Leaf]:
        """Every leaf that is not empty, with its rule; not the delimiters of MSH."""
        for position, segment in enumerate(message.segments):
            value_type = _value_type(segment)
            for number, field in enumerate(segment.fields, 1):
                if segment.name == "MSH" and number < 3:
                    continue
                rules = self._table.rules(segment.name, number, value_type)
                for repetition, components in enumerate(field):
                    where = f"{segment.name}[{position + 1}]-{number}"
                    where += f"({repetition + 1})" if len(field) > 1 else ""
                    for component, leaves in enumerate(components):
                        rule = component_rule(rules, component + 1)
                        for index, text in enumerate(leaves):
                            if text:
                                path = (position, number - 1, repetition, component, index)
                                yield _Leaf(path, where, rule, text)

    def walk(self, message: Message, visitor: FieldVisitor) -> Message:
        """The message with every leaf as its rule says; what has no rule is empty."""
        marks = message.delimiters
        new: dict[tuple[int, ...], str] = {}
        groups: dict[tuple[str, str, int], list[_Leaf]] = {}
        for leaf in self._leaves(message):
            rule = leaf.rule
            if leaf.text == _NULL:
                new[leaf.path] = leaf.text
            elif rule.op is FieldOp.TEXT:
                groups.setdefault(self._group(message, leaf), []).append(leaf)
            elif rule.op is not FieldOp.REMOVE:
                text = marks.unescape(leaf.text)
                changed = visitor.value(rule, text, leaf.where)
                new[leaf.path] = leaf.text if changed == text else marks.escaped(changed or "")
        new |= self._encapsulated(message, visitor)
        for leaves in groups.values():
            texts = visitor.texts(
                [marks.unescape(leaf.text) for leaf in leaves], [leaf.where for leaf in leaves]
            )
            for leaf, text in zip(leaves, texts or ()):
                new[leaf.path] = marks.escaped(text)
        segments = [
            self._rebuilt(position, segment, new)
            for position, segment in enumerate(message.segments)
            if segment.name in self._table.segments
        ]
        return Message(marks, tuple(segments))

    @staticmethod
    def _encapsulated(message: Message, visitor: FieldVisitor) -> dict[tuple[int, ...], str]:
        """The leaves of values of type ED in OBX-5, each value a document."""
        marks = message.delimiters
        new: dict[tuple[int, ...], str] = {}
        for position, segment in enumerate(message.segments):
            if _value_type(segment) != "ED" or len(segment.fields) < 5:
                continue
            for number, components in enumerate(segment.fields[4]):
                texts = [marks.unescape(marks.subcomponent.join(leaves)) for leaves in components]
                where = f"OBX[{position + 1}]-5"
                cleaned = clean_data(texts, visitor, where) if any(texts) else None
                for index, text in enumerate(cleaned or ()):
                    if index < len(components):
                        new[(position, 4, number, index, 0)] = marks.escaped(text)
        return new

    @staticmethod
    def _group(message: Message, leaf: _Leaf) -> tuple[str, str, int]:
        """Lines of one report stand in many segments: they are one text."""
        position, field = leaf.path[0], leaf.path[1] + 1
        segment = message.segments[position]
        if (segment.name, field) not in (("OBX", 5), ("NTE", 3)):
            return f"{segment.name}{position}", f"{leaf.path[1:4]}", field
        about = _first(segment, 3) if segment.name == "OBX" else ""
        start = position
        while start > 0:
            before = message.segments[start - 1]
            if before.name != segment.name or (about and _first(before, 3) != about):
                break
            start -= 1
        return f"{segment.name}{start}", about, field

    @staticmethod
    def _rebuilt(position: int, segment: Segment, new: dict[tuple[int, ...], str]) -> Segment:
        fields: list[Field] = []
        for number, field in enumerate(segment.fields):
            if segment.name == "MSH" and number < 2:
                fields.append(field)
                continue
            fields.append(
                [
                    [
                        [
                            new.get((position, number, repetition, component, index), "")
                            for index in range(len(leaves))
                        ]
                        for component, leaves in enumerate(components)
                    ]
                    for repetition, components in enumerate(field)
                ]
            )
        if segment.name == "MSH":
            while len(fields) < 18:
                fields.append([[[""]]])
            fields[17] = [[["UNICODE UTF-8"]]]  # what the output is written in
        return Segment(segment.name, tuple(fields))


def charset_of(data: bytes, default: str) -> Optional[str]:
    """The codec of a message by its MSH-18 (HL7 table 0211); ``None`` if it is not known."""
    head = data.split(b"\r", 1)[0]
    fields = head.split(head[3:4]) if len(head) > 3 else []
    stated = fields[17].decode("latin-1").split("~")[0].strip().upper() if len(fields) > 17 else ""
    return CHARSETS.get(stated, None) if stated else default


CHARSETS = {
    "ASCII": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UNICODE": "utf-8",
    "8859/1": "iso-8859-1", "8859/2": "iso-8859-2", "8859/3": "iso-8859-3", "8859/4": "iso-8859-4",
    "8859/5": "iso-8859-5", "8859/7": "iso-8859-7", "8859/9": "iso-8859-9",
    "8859/15": "iso-8859-15", "GB 18030-2000": "gb18030", "BIG-5": "big5", "KS X 1001": "euc_kr",
}  # fmt: skip
