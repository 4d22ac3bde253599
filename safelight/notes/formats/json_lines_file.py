"""JSON Lines files: one table row or one FHIR resource a line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from safelight.notes.fhir.patients import find_patients
from safelight.notes.fhir.resources import FhirResourceHandler, is_resource
from safelight.notes.field_visitor import FieldVisitor, check_text
from safelight.notes.file_splitting import (
    FilePartRange,
    SplittableFile,
    line_encoding,
    split_at_lines,
)
from safelight.notes.formats.base import (
    FilePart,
    InputRecord,
    NoteFormat,
    check_decoded,
    decode_part,
    malformed_record,
)
from safelight.notes.models import PatientFacts
from safelight.notes.options import NotesOptions
from safelight.notes.record_subject import RecordSubject
from safelight.notes.tables.rows import TableRowHandler
from safelight.records import Reason, Refusal

#: Levels of one record. Real ones have fewer than 30.
MAX_DEPTH = 100


def _reject_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _reject_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object has two members of one name")
    return members


def read_json(text: str, encoding: str) -> Any:
    """Return one JSON value.

    Parameters
    ----------
    text : str
        JSON text, decoded by ``decode_part``.
    encoding : str
        Encoding from which the text was decoded, for the error message.

    Raises
    ------
    Refusal
        If the text has bytes that are not of the encoding, is not JSON, or is ambiguous. The
        sentence states the position of a syntax error and none of the text.
    """
    check_decoded(text, encoding)
    try:
        return json.loads(
            text, object_pairs_hook=_reject_duplicates, parse_constant=_reject_constant
        )
    except json.JSONDecodeError as error:
        position = error.pos
    except (ValueError, RecursionError):
        raise malformed_record(
            "the JSON has a duplicate member, an invalid number, or is nested too deep; correct it"
        ) from None
    raise malformed_record(f"the text is not JSON from character {position} on; correct it")


def check_json_record(record: dict[str, Any]) -> None:
    """Check the values of one record, which is processed recursively.

    Raises
    ------
    Refusal
        If a text is not valid, a number is infinite, or the record is nested too deep.
    """
    pending: list[tuple[Any, int]] = [(record, 0)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            check_text(value)
        elif isinstance(value, float) and not math.isfinite(value):
            raise malformed_record("a number is too large; correct it")
        elif isinstance(value, (dict, list)):
            if depth > MAX_DEPTH:
                raise Refusal(Reason.TOO_DEEP, "the record is nested too deep; correct it")
            inner = value if isinstance(value, list) else (*value, *value.values())
            pending.extend((one, depth + 1) for one in inner)


def write_json(value: Any) -> str:
    """Return one JSON value on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class JsonObjectFormat(NoteFormat[dict[str, Any]]):
    """Base class of records that are JSON objects: table rows or FHIR resources."""

    may_hold_fhir = True

    def __init__(self, part: FilePart, options: NotesOptions):
        super().__init__(part, options)
        self._rows = TableRowHandler(options)
        self._resources = FhirResourceHandler(options)

    def find_subject(self, value: dict[str, Any]) -> RecordSubject:
        """Return the subject of an object."""
        handler = self._resources if is_resource(value) else self._rows
        return handler.find_subject(value)

    def visit_record(self, value: dict[str, Any], visitor: FieldVisitor) -> Any:
        """Pass each value of an object to the visitor.

        Parameters
        ----------
        value : dict
            Table row, FHIR resource, or entry of a Bundle, as parsed JSON.
        visitor : FieldVisitor
            Collects the texts, or returns the new value of each field.

        Returns
        -------
        dict
            New object.

        Raises
        ------
        Refusal
            If the object cannot be read, or a value cannot be cleaned.
        """
        if is_resource(value):
            return self._resources.visit_resource(value, visitor)
        return self._rows.visit_object(value, visitor)

    def encode_record(self, new: Any) -> bytes:
        """Return the object on one line."""
        return write_json(new).encode("utf-8", "replace")


class JsonLinesFormat(JsonObjectFormat):
    """JSON Lines: one object a line."""

    name = "jsonl"
    label = "JSON Lines, also FHIR bulk export"
    suffixes = ("jsonl", "ndjson")
    split_unit = "bytes"

    @classmethod
    def split(cls, file: SplittableFile, options: NotesOptions) -> list[FilePartRange]:
        """Split at line ends; see ``NoteFormat.split``.

        Parameters
        ----------
        file : SplittableFile
            File to split, with the wanted size of a part.
        options : NotesOptions
            Encoding of the file.

        Returns
        -------
        list of FilePartRange
            Consecutive byte ranges; one range if the encoding does not allow a split.

        Raises
        ------
        LookupError
            If the user names an encoding that Python does not have.
        """
        if line_encoding(file.head(), options) is None:
            return super().split(file, options)
        return split_at_lines(file)

    def read_records(self) -> Iterator[InputRecord[dict[str, Any]]]:
        """Read the objects; blank lines are counted and skipped."""
        text = decode_part(self.part.data, self.encoding)
        for row, line in enumerate(text.split("\n"), self.part.first_row):
            if not line.strip():
                continue
            try:
                value = read_json(line, self.encoding)
                if not isinstance(value, dict):
                    raise malformed_record("the line is not a JSON object; correct it")
                check_json_record(value)
                if not is_resource(value):
                    self._rows.column_rules(tuple(value))
            except Refusal as refusal:
                yield InputRecord(row, refusal=refusal)
            else:
                yield InputRecord(row, value)

    def find_patient_facts(self) -> dict[str, PatientFacts]:
        """Return the facts that the FHIR resources of the part state."""
        if b'"resourceType"' not in self.part.data:
            return {}
        values = (record.value for record in self.read_records() if record.refusal is None)
        return find_patients((v for v in values if v is not None and is_resource(v)), self.options)

    def join_records(self, records: Sequence[tuple[Any, bytes]]) -> bytes:
        """Return the objects, one a line."""
        return b"".join(line + b"\n" for _, line in records)
