"""CSV and TSV files: a header, then one note a row."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.file_splitting import FilePartRange, SplittableFile, line_encoding
from safelight.notes.formats.base import (
    FilePart,
    InputRecord,
    NoteFormat,
    check_decoded,
    decode_part,
    malformed_record,
)
from safelight.notes.formats.csv_header import (
    SAMPLE_CHARACTERS,
    detect_delimiter,
    original_header,
    read_header,
)
from safelight.notes.options import NotesOptions
from safelight.notes.record_subject import RecordSubject
from safelight.notes.tables.rows import TableRowHandler
from safelight.records import Reason, Refusal
from safelight.text.formulas import neutralize_formula

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class CsvFormat(NoteFormat[dict[str, str]]):
    """CSV: records are dictionaries by column."""

    name = "csv"
    label = "CSV tables"
    suffixes = ("csv",)
    split_unit = "bytes"

    def __init__(self, part: FilePart, options: NotesOptions):
        super().__init__(part, options)
        self._rows = TableRowHandler(options)
        self._delimiter = part.delimiter
        self._header = part.header

    @classmethod
    def split(cls, file: SplittableFile, options: NotesOptions) -> list[FilePartRange]:
        """Split after rows; see ``NoteFormat.split``.

        Parameters
        ----------
        file : SplittableFile
            File to split, with the wanted size of a part.
        options : NotesOptions
            Delimiter, encoding and columns of the table.

        Returns
        -------
        list of FilePartRange
            Consecutive byte ranges; one range if the encoding does not allow a split, or if the
            table cannot be read.

        Raises
        ------
        LookupError
            If the user names an encoding that Python does not have.
        """
        head = file.head()
        encoding = line_encoding(head, options)
        if encoding is None:
            return super().split(file, options)
        try:
            sample = head.decode(encoding, "surrogateescape")[:SAMPLE_CHARACTERS]
            delimiter = detect_delimiter(cls.name, options, sample)
            return list(_split_rows(file, delimiter, encoding, options))
        except (csv.Error, Refusal):
            return super().split(file, options)

    def read_records(self) -> Iterator[InputRecord[dict[str, str]]]:
        """Read the rows, after the header if this is the first part."""
        text = decode_part(self.part.data, self.encoding)
        self._delimiter = self._delimiter or detect_delimiter(
            self.part.format, self.options, text[:SAMPLE_CHARACTERS]
        )
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        row = self.part.first_row
        if not self.part.header:
            first = next(rows, None)
            if first is None:
                raise Refusal(Reason.MALFORMED, "the file is empty; add at least a header")
            check_decoded("".join(first), self.encoding)
            self._header = read_header(first, self.options)
        self._rows.column_rules(self._header)
        for values in rows:
            if not values:
                continue  # an empty line
            yield self._record(row, values)
            row += 1

    def _record(self, row: int, values: list[str]) -> InputRecord[dict[str, str]]:
        try:
            if len(values) != len(self._header):
                raise malformed_record(
                    f"the row has {len(values)} fields, the header {len(self._header)}; quote "
                    "fields that contain the delimiter"
                )
            for value in values:
                check_decoded(value, self.encoding)
        except Refusal as refusal:
            return InputRecord(row, refusal=refusal)
        return InputRecord(row, dict(zip(self._header, values)))

    def find_subject(self, value: dict[str, str]) -> RecordSubject:
        """Return the subject of a row."""
        return self._rows.find_subject(value)

    def visit_record(self, value: dict[str, str], visitor: FieldVisitor) -> dict[str, Any]:
        """Pass each value of a row to the visitor.

        Parameters
        ----------
        value : dict of str
            Values of the row by column.
        visitor : FieldVisitor
            Collects the texts, or returns the new value of each field.

        Returns
        -------
        dict
            New values by column; ``None`` for a removed value.

        Raises
        ------
        Refusal
            If a value cannot be cleaned.
        """
        return self._rows.visit_row(value, visitor)

    def encode_record(self, new: dict[str, Any]) -> bytes:
        """Return the line of a row."""
        return self._line("" if value is None else value for value in new.values())

    def join_records(self, records: Sequence[tuple[dict[str, Any], bytes]]) -> bytes:
        """Return the header and the lines."""
        new_names = self._rows.column_rules(self._header).new_names
        header = self._line(original_header(new_names.values()))
        return b"".join([header, *(line for _, line in records)])

    def _line(self, values: Iterable[Any]) -> bytes:
        if self.options.csv_formulas == "quote":
            values = (neutralize_formula(str(value)) for value in values)
        # With the line end \r\n, the writer quotes fields that contain either character.
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=self._delimiter, lineterminator="\r\n").writerow(values)
        written = line.getvalue().removesuffix("\r\n") + "\n"
        return written.encode(self.output_encoding, "replace")


class TsvFormat(CsvFormat):
    """TSV: the delimiter is a tab."""

    name = "tsv"
    label = "TSV tables"
    suffixes = ("tsv",)


def _read_lines(file: SplittableFile, bytes_read: list[int]) -> Iterator[bytes]:
    """Read the lines of a file and add their bytes to ``bytes_read[0]``."""
    rest = b""
    for block in file.blocks():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            bytes_read[0] += len(line) + 1
            yield line + b"\n"
    if rest:
        bytes_read[0] += len(rest)
        yield rest


def _split_rows(
    file: SplittableFile, delimiter: str, encoding: str, options: NotesOptions
) -> Iterator[FilePartRange]:
    """Split after rows as the CSV reader sees them: a quoted field may contain line ends."""
    bytes_read = [0]
    decode = codecs.getdecoder(encoding)
    lines = (decode(line, "surrogateescape")[0] for line in _read_lines(file, bytes_read))
    rows = csv.reader(lines, delimiter=delimiter)
    first = next(rows, [])
    names = [*(name.removeprefix("\ufeff") for name in first[:1]), *first[1:]]
    header = read_header(names, options)
    begin, first_row, row = 0, 1, 1
    for values in rows:
        row += bool(values)
        if bytes_read[0] - begin >= file.part_bytes and bytes_read[0] < file.size:
            yield FilePartRange(begin, bytes_read[0], first_row, header if begin else (), delimiter)
            begin, first_row = bytes_read[0], row
    yield FilePartRange(begin, file.size, first_row, header if begin else (), delimiter)
