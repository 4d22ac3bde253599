"""Delimiter and header of a CSV table."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from safelight.notes.options import NotesOptions
from safelight.notes.tables.columns import load_column_rules
from safelight.records import Reason, Refusal

#: Delimiters to try in this order, if the user names none.
_DELIMITERS = (",", ";", "\t", "|")
#: Beginning of a table from which the delimiter is detected.
SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 50
_MAX_NAME_CHARACTERS = 80
_MAX_NAME_WORDS = 8
#: The key of each further column of one name is longer.
_MAX_EQUAL_NAMES = 1000
#: As many as a sheet of a spreadsheet can have.
_MAX_COLUMNS = 16_384
#: An identifier, a date or an e-mail address is not the name of a column.
_DATA = re.compile(r"\d(?:[ ./-]?\d){5}|@|\n")
#: Suffix of the keys of columns with equal names. It is not a character of a word, so that the
#: columns have the same rule.
_DUPLICATE_MARK = "\x1f"


_NO_HEADER = Refusal(
    Reason.MALFORMED,
    "the first row does not look like the names of columns; put a header before it, or name a "
    "column with --text-column",
)


def detect_delimiter(format_name: str, options: NotesOptions, sample: str) -> str:
    """Return the delimiter of a table.

    It is the one that the user names, a tab for ``tsv``, or the one for which most rows of the
    sample have as many fields as the first row.

    Parameters
    ----------
    format_name : str
        Name of the format: ``csv`` or ``tsv``.
    options : NotesOptions
        Delimiter that the user names, if any.
    sample : str
        Beginning of the table, of ``SAMPLE_CHARACTERS`` characters at most.

    Returns
    -------
    str
        One character; a comma if no delimiter gives more than one column.
    """
    if options.delimiter or format_name == "tsv":
        return options.delimiter or "\t"
    best, best_delimiter = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            widths = [len(row) for row, _ in zip(reader, range(_SAMPLE_ROWS)) if row]
        except csv.Error:
            continue
        if len(sample) >= SAMPLE_CHARACTERS:
            del widths[-1:]  # the sample may end within a row
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if score > best:
                best, best_delimiter = score, delimiter
    return best_delimiter


def read_header(names: Sequence[str], options: NotesOptions) -> tuple[str, ...]:
    """Return distinct keys for the columns that a header names.

    Parameters
    ----------
    names : sequence of str
        Fields of the first row of the table.
    options : NotesOptions
        Columns that the user names.

    Returns
    -------
    tuple of str
        One key for each column. A repeated name gets a suffix, which ``original_header`` removes.

    Raises
    ------
    Refusal
        If the row looks like data, because names of plain words are written to the output,
        or if no column is known, or there are too many columns, or too many have one name.
    """
    if len(names) > _MAX_COLUMNS:
        raise Refusal(Reason.MALFORMED, f"the table has more than {_MAX_COLUMNS} columns; split it")
    repeated = Counter(names)
    if max(repeated.values(), default=0) > _MAX_EQUAL_NAMES:
        raise Refusal(
            Reason.MALFORMED,
            f"more than {_MAX_EQUAL_NAMES} columns have one name; give them names of their own",
        )
    check_column_names(names)
    if not _has_known_column(names, options):
        raise _NO_HEADER
    keys: dict[str, None] = {}
    repeated.clear()
    for name in names:
        key = name + _DUPLICATE_MARK * repeated[name]
        while key in keys:
            key += _DUPLICATE_MARK
        keys[key] = None
        repeated[name] += 1
    return tuple(keys)


def check_column_names(names: Sequence[str]) -> None:
    """Check that no name of a column looks like data.

    Raises
    ------
    Refusal
    """
    if any(map(_is_data, names)):
        raise _NO_HEADER


def original_header(keys: Iterable[str]) -> list[str]:
    """Return the names of the columns, without the suffixes of repeated names."""
    return [key.rstrip(_DUPLICATE_MARK) for key in keys]


def _is_data(name: str) -> bool:
    return (
        len(name) > _MAX_NAME_CHARACTERS
        or len(name.split()) > _MAX_NAME_WORDS
        or _DATA.search(name.strip()) is not None
    )


def _has_known_column(names: Sequence[str], options: NotesOptions) -> bool:
    named = {*options.text_columns, options.patient_column, options.note_column}
    named |= {name for name, _ in options.columns}
    return any(
        name in named or load_column_rules().rule(name) is not None for name in names if name
    )
