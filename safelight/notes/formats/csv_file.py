"""CSV and TSV: a header, then one note a row."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.formats.base import (
    Format,
    Piece,
    Record,
    check_decoded,
    decode,
    malformed,
)
from safelight.notes.formats.csv_header import (
    SAMPLE,
    delimiter_of,
    read_header,
    written_header,
)
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.notes.tables.rows import RowNote
from safelight.records import Reason, Refusal

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class CsvFormat(Format[dict[str, str]]):
    """Rows are dictionaries by the header."""

    def __init__(self, piece: Piece, options: NotesOptions):
        super().__init__(piece, options)
        self._rows = RowNote(options)
        self._delimiter = piece.delimiter
        self._header = piece.header

    def records(self) -> Iterator[Record[dict[str, str]]]:
        text = decode(self.piece.data, self.encoding)
        self._delimiter = self._delimiter or delimiter_of(
            self.piece.format, self.options, text[:SAMPLE]
        )
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        row = self.piece.first_row
        if not self.piece.header:
            first = next(rows, None)
            if first is None:
                raise Refusal(Reason.MALFORMED, "the file is empty; it has not even a header")
            check_decoded("".join(first), self.encoding)
            self._header = read_header(first, self.options)
        self._rows.plan(self._header)
        for values in rows:
            if not values:
                continue  # an empty line
            yield self._record(row, values)
            row += 1

    def _record(self, row: int, values: list[str]) -> Record[dict[str, str]]:
        try:
            if len(values) != len(self._header):
                raise malformed(
                    f"the row has {len(values)} fields, the header {len(self._header)}; quote "
                    "fields that hold the delimiter"
                )
            for value in values:
                check_decoded(value, self.encoding)
        except Refusal as refusal:
            return Record(row, refusal=refusal)
        return Record(row, dict(zip(self._header, values)))

    def subject(self, value: dict[str, str]) -> Subject:
        return self._rows.subject(value)

    def walk(self, value: dict[str, str], visitor: FieldVisitor) -> dict[str, Any]:
        return self._rows.walk(value, visitor)

    def encode(self, new: dict[str, Any]) -> bytes:
        return self._line("" if value is None else value for value in new.values())

    def join(self, records: Sequence[tuple[dict[str, Any], bytes]]) -> bytes:
        return b"".join([self._line(written_header(self._header)), *(line for _, line in records)])

    def _line(self, values: Any) -> bytes:
        # With this line end the writer quotes fields that hold either of its characters.
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=self._delimiter, lineterminator="\r\n").writerow(values)
        written = line.getvalue().removesuffix("\r\n") + "\n"
        return written.encode(self.written_encoding, "replace")
