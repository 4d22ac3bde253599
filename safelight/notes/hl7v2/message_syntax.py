"""HL7 v2 messages: delimiters and escapes, in and out (HL7 v2.5.1, section 2.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.records import Reason, Refusal

_CODE = r"[FSTREPHN]|X[0-9A-Fa-f]*|\.[A-Za-z]{2}[+\-]?[0-9]*|[CM][0-9A-Fa-f]{4,6}|Z[0-9A-Za-z]{0,8}"


@dataclass(frozen=True)
class Delimiters:
    """The delimiters that a message's MSH-1 and MSH-2 set."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def unescape(self, text: str) -> str:
        """What a leaf says; highlighting and character sets of others go."""
        if self.escape not in text:
            return text
        pattern = f"{re.escape(self.escape)}({_CODE}){re.escape(self.escape)}"
        return re.sub(pattern, lambda match: self._meaning(match[1]), text)

    def _meaning(self, code: str) -> str:
        plain = {
            "F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition,
            "E": self.escape,
        }.get(code)  # fmt: skip
        if plain is not None:
            return plain
        if code[0] == "X":
            digits = code[1:]
            return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin-1")
        return "\n" if code[:3] in (".br", ".sp", ".fi", ".nf", ".ce") else ""

    def escaped(self, text: str) -> str:
        """A leaf that says ``text`` and can end nothing: no field, no segment, no message."""
        codes = {
            self.escape: "E", self.field: "F", self.component: "S", self.repetition: "R",
            self.subcomponent: "T", "\n": ".br", "\r": ".br",
        }  # fmt: skip
        pieces = []
        for character in text.replace("\r\n", "\n"):
            if character in codes:
                pieces.append(f"{self.escape}{codes[character]}{self.escape}")
            elif character >= " " or character == "\t":
                pieces.append(character)
        return "".join(pieces)


#: Leaves by repetition, component and subcomponent, each from 0.
Field = list[list[list[str]]]


@dataclass(frozen=True)
class Segment:
    """A segment; ``fields[0]`` is field 1. MSH-1 and MSH-2 are as they stand."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Message:
    """One message with its delimiters."""

    delimiters: Delimiters
    segments: tuple[Segment, ...]


def parse_message(text: str) -> Message:
    """Read a message, whose segments end in carriage returns.

    Raises
    ------
    Refusal
        If it does not begin with a header that sets delimiters, or a segment has no name.
    """
    delimiters = _delimiters(text)
    segments = []
    for line in text.split("\r"):
        if line.strip():
            segments.append(_parse_segment(line, delimiters))
    return Message(delimiters, tuple(segments))


def _delimiters(text: str) -> Delimiters:
    separator = text[3:4]
    if text[:3] != "MSH" or not separator or separator.isalnum() or separator.isspace():
        raise _broken("the message has no MSH segment")
    marks = text[4:].split(separator, 1)[0].split("\r", 1)[0]
    marks += "^~\\&"[len(marks) :]
    if len(set(marks + separator)) <= len(marks) or any(map(str.isalnum, marks)):
        raise _broken("MSH-2 does not set the delimiters")
    return Delimiters(separator, *marks[:4])


def _broken(what: str) -> Refusal:
    return Refusal(Reason.MALFORMED_ROW, f"{what}; repair the message at its source")


def _parse_segment(line: str, delimiters: Delimiters) -> Segment:
    name, *fields = line.split(delimiters.field)
    name = name.strip()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name):
        raise _broken("a segment has no name")
    parsed = [_parse_field(field, delimiters) for field in fields]
    if name == "MSH":
        marks = fields[0] if fields else ""
        parsed = [[[[delimiters.field]]], [[[marks]]], *parsed[1:]]
    return Segment(name, tuple(parsed))


def _parse_field(text: str, delimiters: Delimiters) -> Field:
    return [
        [part.split(delimiters.subcomponent) for part in repetition.split(delimiters.component)]
        for repetition in text.split(delimiters.repetition)
    ]


def write_message(message: Message) -> str:
    """The message, each segment ended by a carriage return."""
    marks = message.delimiters
    lines = []
    for segment in message.segments:
        fields = [
            marks.repetition.join(
                marks.component.join(
                    marks.subcomponent.join(leaves).rstrip(marks.subcomponent)
                    for leaves in components
                ).rstrip(marks.component)
                for components in field
            )
            for field in segment.fields
        ]
        if segment.name == "MSH":
            fields = ["".join(segment.fields[1][0][0]), *fields[2:]]
        lines.append(marks.field.join([segment.name, *fields]).rstrip(marks.field))
    return "".join(f"{line}\r" for line in lines)
