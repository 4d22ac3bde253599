"""Files of HL7 v2 messages, with or without batch headers and MLLP framing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.file_splitting import (
    FilePartRange,
    SplittableFile,
    line_encoding,
    split_at_pattern,
)
from safelight.notes.formats.base import (
    FilePart,
    InputRecord,
    NoteFormat,
    check_decoded,
    malformed_record,
)
from safelight.notes.hl7v2.message_syntax import Message, parse_message, write_message
from safelight.notes.hl7v2.messages import Hl7MessageHandler, message_codec
from safelight.notes.options import NotesOptions
from safelight.notes.record_subject import RecordSubject
from safelight.records import Refusal

#: Start and end of a block in the Minimal Lower Layer Protocol (MLLP).
_MLLP_TO_CR = bytes.maketrans(b"\x0b\x1c", b"\r\r")
_MESSAGE_START = re.compile(rb"(?:^|\r)(?=MSH[^A-Za-z0-9\r])")
#: Start of a message in a file whose line ends are not normalized.
_RAW_MESSAGE_START = re.compile(rb"(?:\A|(?<=[\r\n\x0b]))MSH[^A-Za-z0-9\r\n]")
_FILE_START = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n\x0b]*(?:MSH|FHS|BHS)\|\^~\\[&|]")
#: Segments of the batch protocol (HL7 v2.5.1, section 2.10.3).
_BATCH_SEGMENTS = (b"FHS", b"BHS", b"BTS", b"FTS")


def is_hl7v2(data: bytes) -> bool:
    """Return whether a file begins like HL7 v2 messages."""
    return _FILE_START.match(data) is not None


def _normalize(data: bytes) -> bytes:
    """Return the data without framing, each segment ended by one carriage return."""
    data = data.removeprefix(b"\xef\xbb\xbf").translate(_MLLP_TO_CR)
    return data.replace(b"\r\n", b"\r").replace(b"\n", b"\r").lstrip(b"\r")


def _without_batch_segments(data: bytes) -> bytes:
    lines = (line for line in data.split(b"\r") if line.strip())
    return b"\r".join(line for line in lines if line[:3] not in _BATCH_SEGMENTS)


def count_messages(data: bytes) -> int:
    """Return the number of records that :class:`Hl7v2Format` reads from a part."""
    before, *messages = _MESSAGE_START.split(_normalize(data))
    return len(messages) + bool(_without_batch_segments(before))


class Hl7v2Format(NoteFormat[Message]):
    """HL7 v2: each message is a record; headers and trailers of batches are removed."""

    name = "hl7"
    label = "HL7 v2 messages"
    suffixes = ("hl7", "hl7v2")
    split_unit = "bytes"

    def __init__(self, part: FilePart, options: NotesOptions):
        super().__init__(part, options)
        self._handler = Hl7MessageHandler(options)

    @classmethod
    def split(cls, file: SplittableFile, options: NotesOptions) -> list[FilePartRange]:
        """Split before messages; see ``NoteFormat.split``.

        Parameters
        ----------
        file : SplittableFile
            File to split, with the wanted size of a part.
        options : NotesOptions
            Encoding of the file.

        Returns
        -------
        list of FilePartRange
            Consecutive byte ranges; one range if the encoding does not allow a split.

        Raises
        ------
        LookupError
            If the user names an encoding that Python does not have.
        """
        if line_encoding(file.head(), options) is None:
            return super().split(file, options)
        return split_at_pattern(file, _RAW_MESSAGE_START, count_messages)

    def read_records(self) -> Iterator[InputRecord[Message]]:
        """Read the messages; content before the first one is a refused record."""
        before, *messages = _MESSAGE_START.split(_normalize(self.part.data))
        row = self.part.first_row
        if _without_batch_segments(before):
            refusal = malformed_record("the content before the first MSH is not a message")
            yield InputRecord(row, refusal=refusal)
            row += 1
        for message in messages:
            try:
                value = self._parse(_without_batch_segments(message))
            except Refusal as refusal:
                yield InputRecord(row, refusal=refusal)
            else:
                yield InputRecord(row, value)
            row += 1

    def _parse(self, data: bytes) -> Message:
        codec = message_codec(data, self.encoding)
        if codec is None:
            raise malformed_record("MSH-18 names an unknown character set; correct it")
        text = data.decode(codec, "surrogateescape")
        check_decoded(text, codec)
        return parse_message(text)

    def find_subject(self, value: Message) -> RecordSubject:
        """Return the subject of a message."""
        return self._handler.find_subject(value)

    def visit_record(self, value: Message, visitor: FieldVisitor) -> Message:
        """Pass each field of a message to the visitor.

        Parameters
        ----------
        value : Message
            Parsed message.
        visitor : FieldVisitor
            Collects the texts, or returns the new value of each field.

        Returns
        -------
        Message
            New message; fields and segments without a rule are removed.

        Raises
        ------
        Refusal
            If a value cannot be cleaned.
        """
        return self._handler.visit_message(value, visitor)

    def encode_record(self, new: Message) -> bytes:
        """Return the message in UTF-8, as its new MSH-18 states."""
        return write_message(new).encode("utf-8", "replace")

    def join_records(self, records: Sequence[tuple[Message, bytes]]) -> bytes:
        """Return the messages one after the other."""
        return b"".join(message for _, message in records)
