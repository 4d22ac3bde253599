"""De-identifier for the tests, with a text model that finds two surnames."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from safelight.headers.patient_identity import make_patient_identity
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import FilePart, NoteFormat, open_part
from safelight.notes.models import FilePartResult
from safelight.notes.options import NotesOptions
from safelight.pseudonyms import Patient
from safelight.records import Span
from safelight.rules import load_rules

KEY = bytes(range(32))


def annotate(texts: Sequence[str]) -> list[list[Span]]:
    """Return the spans of Quimbleton and Oduyaforth."""
    return [
        [
            Span(m.start(), m.end(), "NAME", "ner", 0.9)
            for m in re.finditer("Quimbleton|Oduyaforth", text)
        ]
        for text in texts
    ]


def deidentifier(rules: Any = "research", text: bool = True, **options: Any) -> NotesDeidentifier:
    return NotesDeidentifier(
        load_rules(rules), key=KEY, text=text, options=NotesOptions(**options), annotate=annotate
    )


def clean(
    data: str | bytes, file_format: str, name: str = "in/a", **options: Any
) -> FilePartResult:
    """De-identify one file part."""
    raw = data.encode() if isinstance(data, str) else data
    return deidentifier(**options).deidentify(FilePart(raw, file_format, name))


def text_of(result: FilePartResult) -> str:
    """Return the output as text."""
    assert result.data is not None, result.reason
    return result.data.decode()


def patient(patient_id: str, issuer: str = "") -> Patient:
    return deidentifier().pseudonyms.patient(make_patient_identity(patient_id, issuer))


def read_csv(data: bytes | None, delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows of a CSV file by column."""
    assert data is not None
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))


def open_note_format(data: bytes | str, file_format: str, **options: Any) -> NoteFormat[Any]:
    """Open a format on data."""
    raw = data.encode() if isinstance(data, str) else data
    return open_part(FilePart(raw, file_format, "in/a"), NotesOptions(**options))


def count_calls(function: Callable[[], Any]) -> int:
    """Return the number of calls of functions, also of those in C."""
    calls = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls
