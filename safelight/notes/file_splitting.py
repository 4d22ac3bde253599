"""Split large files between records, so that their parts can be processed separately."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Optional

from safelight.notes.file_encodings import detect_encoding
from safelight.notes.options import NotesOptions

#: Function that reads the bytes from one offset to another; fewer at the end of the file.
ReadRange = Callable[[int, int], bytes]

_BLOCK_BYTES = 4 * 1024 * 1024
#: Beginning of a file from which the encoding and the delimiter are detected.
_HEAD_BYTES = 4 * 1024 * 1024
#: Bytes that are searched again when more data follow: the start of a record may be in both.
_START_BYTES = 8
_LINE_START = re.compile(rb"(?<=\n)(?!\Z)")


@dataclass(frozen=True)
class FilePartRange:
    """Byte range of one part of a file.

    Attributes
    ----------
    begin, end : int
        Byte offsets, half open.
    first_row : int
        Number of the first record of the part, from 1.
    header : tuple of str
        Columns of a table, if the part is not its first one.
    delimiter : str
        Delimiter of a table; empty for other files.
    """

    begin: int
    end: int
    first_row: int = 1
    header: tuple[str, ...] = ()
    delimiter: str = ""


@dataclass(frozen=True)
class SplittableFile:
    """A file to split, read a few megabytes at a time.

    Attributes
    ----------
    read : callable
        See ``ReadRange``.
    size : int
        Bytes of the file.
    part_bytes : int
        Wanted bytes of a part.
    """

    read: ReadRange
    size: int
    part_bytes: int

    def head(self) -> bytes:
        """Return the beginning of the file."""
        return self.read(0, min(self.size, _HEAD_BYTES))

    def blocks(self) -> Iterator[bytes]:
        """Read the whole file in blocks."""
        for begin in range(0, self.size, _BLOCK_BYTES):
            yield self.read(begin, min(begin + _BLOCK_BYTES, self.size))


def line_encoding(head: bytes, options: NotesOptions) -> Optional[str]:
    """Return the encoding of a file if it can be split at line ends, else ``None``.

    In an encoding such as UTF-16, the byte of a line end may be half of another character.

    Parameters
    ----------
    head : bytes
        Beginning of the file.
    options : NotesOptions
        Encoding that the user names, or ``auto``.

    Returns
    -------
    str or None
        Name of a Python codec in which a line end is one byte.

    Raises
    ------
    LookupError
        If the user names an encoding that Python does not have.
    """
    # Without the last line, which may end within a character.
    encoding = detect_encoding(head[: head.rfind(b"\n") + 1], options.encoding)
    return encoding if "a\n".encode(encoding) == b"a\n" else None


def split_at_lines(file: SplittableFile) -> list[FilePartRange]:
    """Split a file of one record a line."""
    return split_at_pattern(file, _LINE_START, _count_lines)


def _count_lines(data: bytes) -> int:
    return data.count(b"\n")


def split_at_pattern(
    file: SplittableFile, start: re.Pattern[bytes], count_records: Callable[[bytes], int]
) -> list[FilePartRange]:
    """Split a file before the last record that begins within each ``part_bytes``.

    Parameters
    ----------
    file : SplittableFile
    start : re.Pattern
        Matches at the start of a record.
    count_records : callable
        Returns the number of records of a part.
    """
    return list(_split_at_pattern(file, start, count_records))


def _split_at_pattern(
    file: SplittableFile, start: re.Pattern[bytes], count_records: Callable[[bytes], int]
) -> Iterator[FilePartRange]:
    begin, row, pending, searched = 0, 1, bytearray(), 1
    for block in file.blocks():
        pending += block
        while len(pending) > file.part_bytes:
            at = _find_last_start(pending, start, searched, file.part_bytes)
            if not at:
                searched = max(1, len(pending) - _START_BYTES)
                break
            yield FilePartRange(begin, begin + at, row)
            row += count_records(bytes(pending[:at]))
            begin, searched = begin + at, 1
            del pending[:at]
    yield FilePartRange(begin, file.size, row)


def _find_last_start(
    data: bytearray, start: re.Pattern[bytes], searched: int, part_bytes: int
) -> int:
    """Return the last start of a record in the first part of the data; 0 if there is none.

    A record that is longer than a part is a part by itself, so the first start after it counts.
    """
    at = 0
    for match in start.finditer(data, searched):
        if at and match.start() > part_bytes:
            break
        at = match.start()
        if at >= part_bytes:
            break
    return at
