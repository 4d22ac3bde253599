"""Formats of notes. Each module reads and writes one format; this one lists them."""

from __future__ import annotations

from typing import Any

from safelight.notes.file_splitting import FilePartRange, ReadRange, SplittableFile
from safelight.notes.formats.base import FilePart, InputRecord, NoteFormat
from safelight.notes.formats.csv_file import CsvFormat, TsvFormat
from safelight.notes.formats.document_file import CdaFormat, PdfFormat
from safelight.notes.formats.hl7v2_file import Hl7v2Format, is_hl7v2
from safelight.notes.formats.json_file import JsonFormat
from safelight.notes.formats.json_lines_file import JsonLinesFormat
from safelight.notes.formats.parquet_file import DeltaFormat, ParquetFormat
from safelight.notes.formats.plain_text_file import PlainTextFormat
from safelight.notes.gzip_files import GZIP_SUFFIX, name_without_gz
from safelight.notes.options import NotesOptions

__all__ = [
    "FORMATS",
    "FilePart",
    "NoteFormat",
    "InputRecord",
    "describe_suffixes",
    "detect_format",
    "open_part",
    "split_file",
]

#: All formats by name.
FORMATS: dict[str, type[NoteFormat[Any]]] = {
    format_class.name: format_class
    for format_class in (
        PlainTextFormat,
        CsvFormat,
        TsvFormat,
        JsonFormat,
        JsonLinesFormat,
        ParquetFormat,
        DeltaFormat,
        Hl7v2Format,
        CdaFormat,
        PdfFormat,
    )
}
_NAMES_BY_SUFFIX = {
    suffix: name for name, format_class in FORMATS.items() for suffix in format_class.suffixes
}


def detect_format(path: str) -> str:
    """Return the name of a file's format by its suffix, also before ``.gz``; empty if unknown.

    Files whose names begin with a dot or an underscore are metadata of Spark and of file
    systems.
    """
    base = name_without_gz(path.rpartition("/")[2])
    if base.startswith((".", "_")):
        return ""
    return _NAMES_BY_SUFFIX.get(base.rpartition(".")[2].lower(), "") if "." in base else ""


def describe_suffixes() -> str:
    """Return the suffixes of all formats, for messages."""
    suffixes = ", ".join(f".{suffix}" for suffix in _NAMES_BY_SUFFIX)
    return f"{suffixes}, each also with {GZIP_SUFFIX}"


def open_part(part: FilePart, options: NotesOptions) -> NoteFormat[Any]:
    """Return the reader and writer of one part.

    Interface engines also write HL7 v2 messages to files that end in ``.txt``.

    Parameters
    ----------
    part : FilePart
        File, or part of a large file.
    options : NotesOptions
        User settings that describe the input.

    Returns
    -------
    NoteFormat
        Instance of the class of ``part.format``, or ``Hl7v2Format`` for messages in a text file.

    Raises
    ------
    KeyError
        If ``part.format`` is not the name of a format.
    """
    if part.format == PlainTextFormat.name and is_hl7v2(part.data):
        return Hl7v2Format(part, options)
    return FORMATS[part.format](part, options)


def split_file(
    read: ReadRange, size: int, format_name: str, options: NotesOptions, part_bytes: int
) -> list[FilePartRange]:
    """Split a file into parts of about ``part_bytes``.

    The file is read once, a few megabytes at a time. There is one part if the file is small, or
    if the format or the encoding does not allow a split.

    Parameters
    ----------
    read : callable
        Reads the bytes from one offset to another.
    size : int
        Bytes of the file.
    format_name : str
        See :func:`detect_format`.
    options : NotesOptions
    part_bytes : int
    """
    format_class = FORMATS.get(format_name)
    if format_class is None or format_class.split_unit != "bytes" or size <= part_bytes:
        return [FilePartRange(0, size)]
    return format_class.split(SplittableFile(read, size, part_bytes), options)
