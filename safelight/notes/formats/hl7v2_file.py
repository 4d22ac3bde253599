"""Files of HL7 v2 messages, with or without batch headers and MLLP framing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.formats.base import Format, Piece, Record, check_decoded, malformed
from safelight.notes.hl7v2.message_syntax import Message, parse_message, write_message
from safelight.notes.hl7v2.messages import Hl7Note, charset_of
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.records import Refusal

_FRAMING = bytes.maketrans(b"\x0b\x1c", b"\r\r")
_START = re.compile(rb"(?:^|\r)(?=MSH[^A-Za-z0-9\r])")
#: Where a message begins in a file that was not normalised.
MESSAGE = re.compile(rb"(?:\A|(?<=[\r\n\x0b]))MSH[^A-Za-z0-9\r\n]")
_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n\x0b]*(?:MSH|FHS|BHS)\|\^~\\[&|]")
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")


def is_message(data: bytes) -> bool:
    """Whether a file is of HL7 v2 messages, whatever its name says."""
    return _BEGINNING.match(data) is not None


def _plain(data: bytes) -> bytes:
    """Without framing, each segment ended by one carriage return."""
    data = data.removeprefix(b"\xef\xbb\xbf").translate(_FRAMING)
    return data.replace(b"\r\n", b"\r").replace(b"\n", b"\r").lstrip(b"\r")


def _content(data: bytes) -> bytes:
    """The segments of a message, without headers and trailers of batches."""
    lines = (line for line in data.split(b"\r") if line.strip())
    return b"\r".join(line for line in lines if line[:3] not in _ENVELOPE)


def count_messages(data: bytes) -> int:
    """How many records :class:`Hl7Format` reads from a piece."""
    before, *messages = _START.split(_plain(data))
    return len(messages) + bool(_content(before))


class Hl7Format(Format[Message]):
    """Each message is a record; the headers and trailers of batches are left out."""

    def __init__(self, piece: Piece, options: NotesOptions):
        super().__init__(piece, options)
        self._notes = Hl7Note(options)

    def records(self) -> Iterator[Record[Message]]:
        before, *messages = _START.split(_plain(self.piece.data))
        row = self.piece.first_row
        if _content(before):
            yield Record(row, refusal=malformed("what stands before the first MSH is no message"))
            row += 1
        for message in messages:
            try:
                value = self._read(_content(message))
            except Refusal as refusal:
                yield Record(row, refusal=refusal)
            else:
                yield Record(row, value)
            row += 1

    def _read(self, data: bytes) -> Message:
        charset = charset_of(data, self.encoding)
        if charset is None:
            raise malformed("MSH-18 names a character set that is not known")
        text = data.decode(charset, "surrogateescape")
        check_decoded(text, charset)
        return parse_message(text)

    def subject(self, value: Message) -> Subject:
        return self._notes.subject(value)

    def walk(self, value: Message, visitor: FieldVisitor) -> Message:
        return self._notes.walk(value, visitor)

    def encode(self, new: Message) -> bytes:
        return write_message(new).encode("utf-8", "replace")

    def join(self, records: Sequence[tuple[Message, bytes]]) -> bytes:
        return b"".join(message for _, message in records)
