"""Check that the tables of the input have the columns that the arguments name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Optional

from jobs.common.cli.errors import UsageError
from jobs.common.notes.pieces import open_parquet
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import read_object
from safelight.notes.file_encodings import detect_encoding
from safelight.notes.formats import detect_format
from safelight.notes.formats.csv_header import SAMPLE_CHARACTERS, detect_delimiter
from safelight.notes.gzip_files import is_gzipped
from safelight.notes.options import NotesOptions
from safelight.records import Refusal

#: Tables whose columns are read. The others are checked when they are processed.
MAX_TABLES = 10

#: Bytes of a text table in which its header, or its first row, is searched.
_HEAD_BYTES = 64 * 1024


def check_named_columns(sources: Iterator[Source], options: NotesOptions) -> None:
    """Check that a table of the input has each column that the arguments name.

    The first tables are read. Formats in which a table cannot be told from other content, and
    tables that cannot be read, are not checked here.

    Parameters
    ----------
    sources : iterator of Source
        Sources of the run.
    options : NotesOptions
        Named columns, which every table must have; delimiter and encoding.

    Raises
    ------
    UsageError
        If none of the tables has one of the columns.
    """
    named = {
        **dict.fromkeys(options.text_columns, "--text-column"),
        options.patient_column: "--patient-column",
        options.note_column: "--note-column",
    }
    named.pop("", None)
    if not named:
        return
    tables = list(islice(_read_columns(sources, options), MAX_TABLES))
    known = {name for columns in tables for name in columns}
    for name, option in named.items():
        if tables and name not in known:
            raise UsageError(
                f"{option} {name}: no table of the input has this column; correct the name, whose "
                "upper and lower case matter"
            )


def _read_columns(sources: Iterator[Source], options: NotesOptions) -> Iterator[Sequence[str]]:
    """Yield the columns of the tables among the sources that can be read."""
    for source in sources:
        try:
            columns = _columns_of(source, options)
        except (Refusal, OSError, ValueError, LookupError, csv.Error):
            continue  # the reason is recorded when the source is processed
        if columns is not None:
            yield columns


def _columns_of(source: Source, options: NotesOptions) -> Optional[Sequence[str]]:
    """Return the columns of a table; ``None`` if the source is none, or may be none."""
    kind = detect_format(source.uri)
    if is_gzipped(source.uri) or not source.size or not source.version:
        return None
    if kind == "parquet":
        with open_parquet(source.uri, source.version, source.size) as file:
            return list(file.schema_arrow.names)
    if kind not in ("csv", "tsv", "jsonl"):
        return None
    head = read_object(source.uri, source.version, 0, min(source.size, _HEAD_BYTES))
    text = head.decode(detect_encoding(head[: head.rfind(b"\n") + 1], options.encoding), "replace")
    if kind == "jsonl":
        row = json.loads(text.lstrip("\ufeff").splitlines()[0])
        return list(row) if isinstance(row, dict) and "resourceType" not in row else None
    delimiter = detect_delimiter(kind, options, text[:SAMPLE_CHARACTERS])
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    return next(rows, None)
