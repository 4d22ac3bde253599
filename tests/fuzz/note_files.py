"""Shared code of the targets that de-identify files of notes."""

from __future__ import annotations

from functools import cache

from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import FilePart, open_part
from safelight.notes.models import FilePartResult
from safelight.notes.options import NotesOptions
from safelight.records import Reason, Status


def check_file(data: bytes, file_format: str) -> FilePartResult:
    """De-identify a file, and check that each record has an outcome and the output can be read.

    Parameters
    ----------
    data : bytes
        Content of the file.
    file_format : str
        Name of the format.
    """
    result = _deidentifier().deidentify(FilePart(data, file_format, "in/a"))
    outcomes = [(result.reason_code, result.reason)]
    outcomes += [(note.reason_code, note.reason) for note in result.notes]
    for code, reason in outcomes:
        assert code != Reason.INTERNAL_ERROR.value, reason
    if result.data is not None:
        assert any(note.status is Status.DEIDENTIFIED for note in result.notes) or not result.notes
    if result.data is not None and file_format in ("hl7", "jsonl"):
        written = sum(note.status is Status.DEIDENTIFIED for note in result.notes)
        part = FilePart(result.data, file_format, "out/a")
        records = list(open_part(part, NotesOptions(encoding="utf-8")).read_records())
        assert len(records) == written, f"{written} records written, {len(records)} read"
        assert not any(record.refusal for record in records)
    return result


@cache
def _deidentifier() -> NotesDeidentifier:
    """Return a de-identifier with a text model that finds nothing."""
    return NotesDeidentifier(
        "research", key=bytes(range(32)), annotate=lambda texts: [[] for _ in texts], year=2026
    )
