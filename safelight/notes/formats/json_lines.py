"""JSON lines: one note, or one FHIR resource, a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from safelight.notes.fhir.resources import FhirNote, is_resource, patients_of
from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.formats.base import (
    Format,
    Piece,
    Record,
    check_decoded,
    decode,
    malformed,
)
from safelight.notes.models import PatientFacts
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.notes.tables.rows import RowNote
from safelight.records import Refusal


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands twice")
    return members


def read_json(text: str, encoding: str) -> Any:
    """One JSON value.

    Raises
    ------
    Refusal
        If it is none, or is ambiguous; the sentence says where, never what.
    """
    check_decoded(text, encoding)
    try:
        return json.loads(text, object_pairs_hook=_no_doubles, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = error.pos
    except (ValueError, RecursionError):
        raise malformed("the JSON has a doubled member, a number that is none, or no end") from None
    raise malformed(f"this is no JSON from character {place} on")


def write_json(value: Any) -> str:
    """One JSON value on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class JsonObjectFormat(Format[dict[str, Any]]):
    """Records that are JSON objects: rows by column names, resources by FHIR paths."""

    def __init__(self, piece: Piece, options: NotesOptions):
        super().__init__(piece, options)
        self._rows = RowNote(options)
        self._resources = FhirNote(options)

    def _kind(self, value: dict[str, Any]) -> RowNote | FhirNote:
        return self._resources if is_resource(value) else self._rows

    def subject(self, value: dict[str, Any]) -> Subject:
        return self._kind(value).subject(value)

    def walk(self, value: dict[str, Any], visitor: FieldVisitor) -> Any:
        if is_resource(value):
            return self._resources.walk(value, visitor)
        return self._rows.walk_object(value, visitor)

    def encode(self, new: Any) -> bytes:
        return write_json(new).encode("utf-8", "replace")


class JsonLinesFormat(JsonObjectFormat):
    """One object a line."""

    def records(self) -> Iterator[Record[dict[str, Any]]]:
        text = decode(self.piece.data, self.encoding)
        for row, line in enumerate(text.split("\n"), self.piece.first_row):
            if not line.strip():
                continue
            try:
                value = read_json(line, self.encoding)
                if not isinstance(value, dict):
                    raise malformed("the line is no JSON object")
                if not is_resource(value):
                    self._rows.plan(tuple(value))
            except Refusal as refusal:
                yield Record(row, refusal=refusal)
            else:
                yield Record(row, value)

    def facts(self) -> dict[str, PatientFacts]:
        if b'"resourceType"' not in self.piece.data:
            return {}
        values = (record.value for record in self.records())
        return patients_of((v for v in values if v is not None and is_resource(v)), self.options)

    def join(self, records: Sequence[tuple[Any, bytes]]) -> bytes:
        return b"".join(line + b"\n" for _, line in records)
