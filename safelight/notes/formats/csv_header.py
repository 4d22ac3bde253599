"""What the first row of a table says: its delimiter, and the names of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from safelight.notes.record_subject import NotesOptions
from safelight.notes.tables.columns import column_table
from safelight.records import Reason, Refusal

#: Tried in this order where the user names none.
_DELIMITERS = (",", ";", "\t", "|")
#: Characters and rows that are looked at.
SAMPLE = 64 * 1024
_ROWS = 50
_LONGEST_NAME = 80
_MOST_WORDS = 8
#: No name of a column: an identifier, a date, an address of mail.
_DATA = re.compile(r"\d(?:[ ./-]?\d){5}|@|\n")
#: After the name of a column that stands more than once, so that each has a key of its own; no
#: character of a word, so that all of them have the same rule.
_TWIN = "\x1f"


_NO_HEADER = Refusal(
    Reason.MALFORMED,
    "the first row does not look like the names of columns; put a header before it, or name a "
    "column with --text-column",
)


def delimiter_of(piece_format: str, options: NotesOptions, sample: str) -> str:
    """The delimiter of a table: what the user says, else what most rows agree on."""
    if options.delimiter or piece_format == "tsv":
        return options.delimiter or "\t"
    best, found = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            widths = [len(row) for row, _ in zip(reader, range(_ROWS)) if row]
        except csv.Error:
            continue
        if len(sample) >= SAMPLE:
            del widths[-1:]  # the sample may end within a row
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            best, found = max((best, found), (score, delimiter), key=lambda pair: pair[0])
    return found


def read_header(names: Sequence[str], options: NotesOptions) -> tuple[str, ...]:
    """Keys of the columns, if the row is a header.

    Raises
    ------
    Refusal
        If it looks like data: names of columns stand in the output as they are.
    """
    check_names(names)
    if not _any_known(names, options):
        raise _NO_HEADER
    keys: list[str] = []
    for name in names:
        while name in keys:
            name += _TWIN
        keys.append(name)
    return tuple(keys)


def check_names(names: Sequence[str]) -> None:
    """Refuse columns whose names look like data.

    Raises
    ------
    Refusal
    """
    if any(map(_is_data, names)):
        raise _NO_HEADER


def written_header(keys: Iterable[str]) -> list[str]:
    """The names as they stand in the file."""
    return [key.rstrip(_TWIN) for key in keys]


def _is_data(name: str) -> bool:
    return (
        len(name) > _LONGEST_NAME
        or len(name.split()) > _MOST_WORDS
        or _DATA.search(name.strip()) is not None
    )


def _any_known(names: Sequence[str], options: NotesOptions) -> bool:
    said = {*options.text_columns, options.patient_column, options.note_column}
    said |= {name for name, _ in options.columns}
    return any(name in said or column_table().rule(name) is not None for name in names if name)
