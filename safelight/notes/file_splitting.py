"""Where a large file can be cut, so that its pieces can be worked on apart."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from safelight.notes.file_encodings import encoding_of
from safelight.notes.formats.csv_header import SAMPLE, delimiter_of, read_header
from safelight.notes.formats.hl7v2_file import MESSAGE, count_messages
from safelight.notes.record_subject import NotesOptions
from safelight.records import Refusal

#: Reads the bytes from one offset to another, fewer at the end of the file.
ReadRange = Callable[[int, int], bytes]

#: Formats whose files can be cut between records.
DIVISIBLE = frozenset({"csv", "tsv", "jsonl", "hl7"})

_BLOCK = 4 * 1024 * 1024
#: What tells the encoding and the delimiter.
_HEAD = 4 * 1024 * 1024
_LINE = re.compile(rb"(?<=\n)(?!\Z)")


@dataclass(frozen=True)
class Cut:
    """A piece of a file: bytes from ``begin`` to ``end``, and the number of its first record.

    ``header`` and ``delimiter`` are those of the table that it is a piece of.
    """

    begin: int
    end: int
    first_row: int = 1
    header: tuple[str, ...] = ()
    delimiter: str = ""


def cut(
    read: ReadRange, size: int, file_format: str, options: NotesOptions, piece_bytes: int
) -> list[Cut]:
    """Pieces of about ``piece_bytes``; one where the format or the file cannot be cut.

    The file is read once, a few megabytes at a time.
    """
    whole = [Cut(0, size)]
    if size <= piece_bytes or file_format not in DIVISIBLE:
        return whole
    head = read(0, min(size, _HEAD))
    # Without its end, which may be within a character.
    encoding = encoding_of(head[: head.rfind(b"\n") + 1], options.encoding)
    if "a\n".encode(encoding) != b"a\n":  # the bytes of a line end may be of others
        return whole
    if file_format in ("csv", "tsv"):
        try:
            sample = head.decode(encoding, "surrogateescape")[:SAMPLE]
            delimiter = delimiter_of(file_format, options, sample)
            return list(_cut_rows(read, size, delimiter, encoding, options, piece_bytes))
        except (csv.Error, Refusal):
            return whole
    if file_format == "jsonl":
        return list(_cut_at(read, size, _LINE, _count_lines, piece_bytes))
    return list(_cut_at(read, size, MESSAGE, count_messages, piece_bytes))


def _blocks(read: ReadRange, size: int) -> Iterator[bytes]:
    for begin in range(0, size, _BLOCK):
        yield read(begin, min(begin + _BLOCK, size))


def _cut_at(
    read: ReadRange,
    size: int,
    start: re.Pattern[bytes],
    count: Callable[[bytes], int],
    piece_bytes: int,
) -> Iterator[Cut]:
    """Cut at the last start of a record within each ``piece_bytes``, or at the next one."""
    begin, row, held = 0, 1, b""
    for block in _blocks(read, size):
        held += block
        while len(held) > piece_bytes:
            starts = [match.start() for match in start.finditer(held) if match.start() > 0]
            if not starts:
                break
            at = next((at for at in reversed(starts) if at <= piece_bytes), starts[0])
            yield Cut(begin, begin + at, row)
            row += count(held[:at])
            begin, held = begin + at, held[at:]
    yield Cut(begin, size, row)


def _count_lines(data: bytes) -> int:
    return data.count(b"\n")


def _lines(read: ReadRange, size: int, pulled: list[int]) -> Iterator[bytes]:
    rest = b""
    for block in _blocks(read, size):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            pulled[0] += len(line) + 1
            yield line + b"\n"
    if rest:
        pulled[0] += len(rest)
        yield rest


def _cut_rows(
    read: ReadRange,
    size: int,
    delimiter: str,
    encoding: str,
    options: NotesOptions,
    piece_bytes: int,
) -> Iterator[Cut]:
    """Cut after rows as the CSV reader sees them: a quoted field may hold line ends."""
    pulled = [0]
    decode = codecs.getdecoder(encoding)
    lines = (decode(line, "surrogateescape")[0] for line in _lines(read, size, pulled))
    rows = csv.reader(lines, delimiter=delimiter)
    first = next(rows, [])
    names = [*(name.removeprefix("\ufeff") for name in first[:1]), *first[1:]]
    header = read_header(names, options)
    begin, first_row, row = 0, 1, 1
    for values in rows:
        row += bool(values)
        if pulled[0] - begin >= piece_bytes and pulled[0] < size:
            yield Cut(begin, pulled[0], first_row, header if begin else (), delimiter)
            begin, first_row = pulled[0], row
    yield Cut(begin, size, first_row, header if begin else (), delimiter)
