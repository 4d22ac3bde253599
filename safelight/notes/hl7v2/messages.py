"""Read the subject of HL7 v2 messages, and rewrite each field by its rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.hl7v2.encapsulated_data import clean_encapsulated_data
from safelight.notes.hl7v2.field_rules import ComponentRules, component_rule, load_hl7_rules
from safelight.notes.hl7v2.message_syntax import Delimiters, Field, Message, Segment
from safelight.notes.options import NotesOptions
from safelight.notes.record_subject import RecordSubject
from safelight.text.known.known_phi import KnownValue

#: The explicit null of HL7 v2: the receiver is to delete its value (section 2.5.3.5).
_NULL = '""'

#: Segment, field, repetition, component and subcomponent, each from 0.
_Path = tuple[int, int, int, int, int]


@dataclass
class _Subcomponent:
    """One subcomponent that is not empty.

    Attributes
    ----------
    location : str
        Segment and field, for the findings: ``OBX[7]-5``.
    text : str
        With escape sequences.
    """

    path: _Path
    location: str
    rule: FieldRule
    text: str


def _value_type(segment: Segment) -> str:
    return _first(segment, 2) if segment.name == "OBX" else ""


def _first(segment: Segment, number: int, component: int = 1) -> str:
    """Return one component of the first repetition of a field, with escape sequences."""
    try:
        return segment.fields[number - 1][0][component - 1][0]
    except IndexError:
        return ""


def _observation(segment: Segment) -> str:
    """Return the identifier of the observation of an OBX segment; empty for other segments."""
    return _first(segment, 3) if segment.name == "OBX" else ""


def _report_starts(message: Message) -> list[int]:
    """Return for each segment the index of the segment where its report starts.

    The lines of a report are in consecutive segments of one name and, in OBX segments, of one
    observation: they are one text.
    """
    starts: list[int] = []
    name_start = observation_start = 0
    for index, segment in enumerate(message.segments):
        before = message.segments[index - 1] if index else segment
        if before.name != segment.name:
            name_start = observation_start = index
        elif _observation(before) != _observation(segment):
            observation_start = index
        starts.append(observation_start if _observation(segment) else name_start)
    return starts


class Hl7MessageHandler:
    """Read and rewrite HL7 v2 messages.

    Parameters
    ----------
    options : NotesOptions
    """

    def __init__(self, options: NotesOptions):
        self._options = options
        self._rules = load_hl7_rules()

    def find_subject(self, message: Message) -> RecordSubject:
        """Return the patient of PID-3, the message control ID and the persons that are named."""
        identity = ""
        for segment in message.segments:
            if segment.name == "PID":
                patient_id = self._patient_id(segment, message.delimiters)
                identity = self._options.identity(patient_id) if patient_id else ""
                break
        known = tuple(self._known_values(message))
        note_id = _first(message.segments[0], 10)
        return RecordSubject(identity, (identity,) if identity else (), note_id, known)

    def _patient_id(self, pid: Segment, delimiters: Delimiters) -> str:
        """Return the ID of the best type in PID-3, else in PID-2 or PID-4."""
        for number in (3, 2, 4):
            if len(pid.fields) < number:
                continue
            identifiers = [
                (delimiters.unescape(r[0][0]).strip(), r[4][0].strip() if len(r) > 4 else "")
                for r in pid.fields[number - 1]
            ]
            identifiers = [pair for pair in identifiers if pair[0] and pair[0] != _NULL]
            for wanted in self._rules.patient_identifier_types:
                for value, identifier_type in identifiers:
                    if identifier_type == wanted:
                        return value
            if identifiers:
                return identifiers[0][0]
        return ""

    def _known_values(self, message: Message) -> Iterator[KnownValue]:
        unescape = message.delimiters.unescape
        for segment in message.segments:
            for number, field in enumerate(segment.fields, 1):
                rules = self._rules.rules(segment.name, number, _value_type(segment))
                if isinstance(rules, ComponentRules) and rules.name:
                    yield from self._names(field, rules, message.delimiters)
        for one in self._subcomponents(message):
            known = one.rule.known
            if known is not None and known[0] != "NAME" and one.text != _NULL:
                yield KnownValue(known[0], unescape(one.text), known[1])
            elif known is not None and one.rule.op is FieldOp.REMOVE:
                yield KnownValue("NAME", unescape(one.text), known[1])

    def _names(
        self, field: Field, rules: ComponentRules, delimiters: Delimiters
    ) -> Iterator[KnownValue]:
        """Return the names of persons in a field, each as one value."""
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

    def _subcomponents(self, message: Message) -> Iterator[_Subcomponent]:
        """Return all subcomponents that are not empty, except MSH-1 and MSH-2."""
        for position, segment in enumerate(message.segments):
            value_type = _value_type(segment)
            for number, field in enumerate(segment.fields, 1):
                if segment.name == "MSH" and number < 3:
                    continue
                rules = self._rules.rules(segment.name, number, value_type)
                for repetition, components in enumerate(field):
                    location = f"{segment.name}[{position + 1}]-{number}"
                    location += f"({repetition + 1})" if len(field) > 1 else ""
                    for component, subcomponents in enumerate(components):
                        rule = component_rule(rules, component + 1)
                        for index, text in enumerate(subcomponents):
                            if text:
                                path = (position, number - 1, repetition, component, index)
                                yield _Subcomponent(path, location, rule, text)

    def visit_message(self, message: Message, visitor: FieldVisitor) -> Message:
        """Return the message with every subcomponent changed by its rule.

        Fields and segments without a rule are removed.

        Parameters
        ----------
        message : Message
            Parsed message.
        visitor : FieldVisitor
            Returns the new value of each subcomponent, text and document.

        Returns
        -------
        Message
            New message with the delimiters of the original one; MSH-18 states UTF-8.

        Raises
        ------
        Refusal
            If a value cannot be cleaned.
        """
        new: dict[_Path, str] = {}
        texts: dict[tuple[str, str, int], list[_Subcomponent]] = {}
        report_starts = _report_starts(message)
        for one in self._subcomponents(message):
            if one.text == _NULL:
                new[one.path] = one.text
            elif one.rule.op is FieldOp.TEXT:
                texts.setdefault(self._text_key(message, one, report_starts), []).append(one)
            elif one.rule.op is not FieldOp.REMOVE:
                text = message.delimiters.unescape(one.text)
                changed = visitor.visit_value(one.rule, text, one.location)
                # A value that is kept also keeps its escape sequences.
                is_kept = changed == text
                new[one.path] = (
                    one.text if is_kept else message.delimiters.escape_text(changed or "")
                )
        new |= self._visit_documents(message, visitor)
        new |= self._visit_texts(message.delimiters, list(texts.values()), visitor)
        segments = [
            self._rebuild_segment(position, segment, new)
            for position, segment in enumerate(message.segments)
            if segment.name in self._rules.segments
        ]
        return Message(message.delimiters, tuple(segments))

    @staticmethod
    def _visit_texts(
        delimiters: Delimiters, texts: list[list[_Subcomponent]], visitor: FieldVisitor
    ) -> dict[_Path, str]:
        """Return the new subcomponents of free texts."""
        new: dict[_Path, str] = {}
        for subcomponents in texts:
            cleaned = visitor.visit_text(
                [delimiters.unescape(one.text) for one in subcomponents],
                [one.location for one in subcomponents],
            )
            for one, text in zip(subcomponents, cleaned or ()):
                new[one.path] = delimiters.escape_text(text)
        return new

    @staticmethod
    def _visit_documents(message: Message, visitor: FieldVisitor) -> dict[_Path, str]:
        """Return the new subcomponents of values of type ED in OBX-5; each is a document."""
        delimiters = message.delimiters
        new: dict[_Path, str] = {}
        for position, segment in enumerate(message.segments):
            if _value_type(segment) != "ED" or len(segment.fields) < 5:
                continue
            for number, components in enumerate(segment.fields[4]):
                texts = [
                    delimiters.unescape(delimiters.subcomponent.join(subcomponents))
                    for subcomponents in components
                ]
                location = f"OBX[{position + 1}]-5"
                cleaned = clean_encapsulated_data(texts, visitor, location) if any(texts) else None
                for index, text in enumerate(cleaned or ()):
                    if index < len(components):
                        new[(position, 4, number, index, 0)] = delimiters.escape_text(text)
        return new

    @staticmethod
    def _text_key(
        message: Message, one: _Subcomponent, report_starts: Sequence[int]
    ) -> tuple[str, str, int]:
        """Return the key of the text that a subcomponent belongs to."""
        position, field = one.path[0], one.path[1] + 1
        segment = message.segments[position]
        if (segment.name, field) not in (("OBX", 5), ("NTE", 3)):
            return f"{segment.name}{position}", f"{one.path[1:4]}", field
        return f"{segment.name}{report_starts[position]}", _observation(segment), field

    @staticmethod
    def _rebuild_segment(position: int, segment: Segment, new: dict[_Path, str]) -> Segment:
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
                            for index in range(len(subcomponents))
                        ]
                        for component, subcomponents in enumerate(components)
                    ]
                    for repetition, components in enumerate(field)
                ]
            )
        if segment.name == "MSH":
            while len(fields) < 18:
                fields.append([[[""]]])
            fields[17] = [[["UNICODE UTF-8"]]]  # MSH-18: the encoding of the output
        return Segment(segment.name, tuple(fields))


def message_codec(data: bytes, default: str) -> Optional[str]:
    """Return the codec of a message by its MSH-18 (HL7 table 0211).

    Parameters
    ----------
    data : bytes
        The message.
    default : str
        Codec of messages without MSH-18.

    Returns
    -------
    str or None
        ``None`` if MSH-18 names an unknown character set.
    """
    head = data.split(b"\r", 1)[0]
    fields = head.split(head[3:4]) if len(head) > 3 else []
    stated = fields[17].decode("latin-1").split("~")[0].strip().upper() if len(fields) > 17 else ""
    return _CODECS.get(stated) if stated else default


_CODECS = {
    "ASCII": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UNICODE": "utf-8",
    "8859/1": "iso-8859-1", "8859/2": "iso-8859-2", "8859/3": "iso-8859-3", "8859/4": "iso-8859-4",
    "8859/5": "iso-8859-5", "8859/7": "iso-8859-7", "8859/9": "iso-8859-9",
    "8859/15": "iso-8859-15", "GB 18030-2000": "gb18030", "BIG-5": "big5", "KS X 1001": "euc_kr",
}  # fmt: skip
