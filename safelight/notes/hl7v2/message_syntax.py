"""Parse and write HL7 v2 messages: delimiters and escape sequences (HL7 v2.5.1, section 2.7)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.records import Reason, Refusal

_ESCAPE_CODE = (
    r"[FSTREPHN]|X[0-9A-Fa-f]*|\.[A-Za-z]{2}[+\-]?[0-9]*|[CM][0-9A-Fa-f]{4,6}|Z[0-9A-Za-z]{0,8}"
)
#: Characters of MSH-2; the fifth one is the truncation character of HL7 v2.7.
_MAX_MARKS = 5


@dataclass(frozen=True)
class Delimiters:
    """Delimiters of a message, from MSH-1 and MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def unescape(self, text: str) -> str:
        """Resolve the escape sequences of a subcomponent.

        Sequences for highlighting and for other character sets are removed.
        """
        if self.escape not in text:
            return text
        pattern = f"{re.escape(self.escape)}({_ESCAPE_CODE}){re.escape(self.escape)}"
        return re.sub(pattern, lambda match: self._resolve(match[1]), text)

    def _resolve(self, code: str) -> str:
        delimiter = {
            "F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition,
            "E": self.escape,
        }.get(code)  # fmt: skip
        if delimiter is not None:
            return delimiter
        if code[0] == "X":
            digits = code[1:]
            return bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin-1")
        return "\n" if code[:3] in (".br", ".sp", ".fi", ".nf", ".ce") else ""

    def escape_text(self, text: str) -> str:
        """Return a subcomponent for a text; its delimiters and line ends are escaped.

        Other control characters are removed.
        """
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


#: Subcomponents by repetition, component and subcomponent index, each from 0.
Field = list[list[list[str]]]


@dataclass(frozen=True)
class Segment:
    """A segment; ``fields[0]`` is field 1. MSH-1 and MSH-2 are not parsed."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Message:
    """One message with its delimiters."""

    delimiters: Delimiters
    segments: tuple[Segment, ...]


def parse_message(text: str) -> Message:
    """Parse a message whose segments end with carriage returns.

    Raises
    ------
    Refusal
        If the message does not begin with an MSH segment that defines delimiters, has another
        MSH segment, or if a segment has no name.
    """
    delimiters = _delimiters(text)
    segments = []
    for line in text.split("\r"):
        if line.strip():
            segments.append(_parse_segment(line, delimiters))
    if any(segment.name == "MSH" for segment in segments[1:]):
        raise _malformed("the message has two MSH segments")
    return Message(delimiters, tuple(segments))


def _delimiters(text: str) -> Delimiters:
    separator = text[3:4]
    if text[:3] != "MSH" or not separator or separator.isalnum() or separator.isspace():
        raise _malformed("the message has no MSH segment")
    marks = text[4:].split(separator, 1)[0].split("\r", 1)[0]
    marks += "^~\\&"[len(marks) :]
    is_readable = (marks + separator).isascii() and (marks + separator).isprintable()
    is_distinct = len(set(marks + separator)) > len(marks) and not any(map(str.isalnum, marks))
    if not is_readable or not is_distinct or len(marks) > _MAX_MARKS:
        raise _malformed("MSH-2 does not define the delimiters")
    return Delimiters(separator, *marks[:4])


def _malformed(problem: str) -> Refusal:
    return Refusal(Reason.MALFORMED_ROW, f"{problem}; correct the message at its source")


def _parse_segment(line: str, delimiters: Delimiters) -> Segment:
    name, *fields = line.split(delimiters.field)
    name = name.strip()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", name):
        raise _malformed("a segment has no name")
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
    """Return the message, each segment ended by a carriage return."""
    marks = message.delimiters
    lines = []
    for segment in message.segments:
        fields = [
            marks.repetition.join(
                marks.component.join(
                    marks.subcomponent.join(subcomponents).rstrip(marks.subcomponent)
                    for subcomponents in components
                ).rstrip(marks.component)
                for components in field
            )
            for field in segment.fields
        ]
        if segment.name == "MSH":
            fields = ["".join(segment.fields[1][0][0]), *fields[2:]]
        lines.append(marks.field.join([segment.name, *fields]).rstrip(marks.field))
    return "".join(f"{line}\r" for line in lines)
