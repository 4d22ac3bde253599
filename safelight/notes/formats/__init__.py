"""Formats of notes: each reads the records of a piece and writes them anew."""

from __future__ import annotations

from typing import Any

from safelight.notes.formats.base import Format, Piece, Record
from safelight.notes.formats.csv_file import CsvFormat
from safelight.notes.formats.document import DocumentFormat
from safelight.notes.formats.hl7v2_file import Hl7Format, is_message
from safelight.notes.formats.json_file import JsonFormat
from safelight.notes.formats.json_lines import JsonLinesFormat
from safelight.notes.formats.parquet import ParquetFormat
from safelight.notes.formats.plain_text import PlainFormat
from safelight.notes.gzip_files import unpacked_name
from safelight.notes.record_subject import NotesOptions

__all__ = ["Format", "Piece", "Record", "format_of", "open_format"]

_FORMATS: dict[str, type[Format[Any]]] = {
    "txt": PlainFormat,
    "csv": CsvFormat,
    "tsv": CsvFormat,
    "jsonl": JsonLinesFormat,
    "json": JsonFormat,
    "parquet": ParquetFormat,
    "delta": ParquetFormat,
    "hl7": Hl7Format,
    "xml": DocumentFormat,
    "pdf": DocumentFormat,
}
_SUFFIXES = {
    "txt": "txt", "text": "txt", "csv": "csv", "tsv": "tsv", "jsonl": "jsonl", "ndjson": "jsonl",
    "json": "json", "parquet": "parquet", "hl7": "hl7", "hl7v2": "hl7", "xml": "xml", "cda": "xml",
    "pdf": "pdf",
}  # fmt: skip


def format_of(name: str) -> str:
    """The format of a file by the end of its name; empty if it is none of ours.

    A file may be packed: ``notes.csv.gz``.
    """
    base = unpacked_name(name.rpartition("/")[2])
    if base.startswith((".", "_")):
        return ""  # what Spark and file systems leave beside data
    return _SUFFIXES.get(base.rpartition(".")[2].lower(), "") if "." in base else ""


def open_format(piece: Piece, options: NotesOptions) -> Format[Any]:
    """The reader and writer of one piece."""
    if piece.format == "txt" and is_message(piece.data):
        return Hl7Format(piece, options)
    return _FORMATS[piece.format](piece, options)
