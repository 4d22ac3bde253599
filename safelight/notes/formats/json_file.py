"""JSON files: a FHIR resource, a FHIR Bundle, a list of table rows, or one row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from safelight.notes.fhir.patients import find_patients
from safelight.notes.fhir.resources import is_resource
from safelight.notes.formats.base import FilePart, InputRecord, decode_part, malformed_record
from safelight.notes.formats.json_lines_file import JsonObjectFormat, check_json_record, read_json
from safelight.notes.models import PatientFacts
from safelight.notes.options import NotesOptions
from safelight.records import Reason, Refusal

#: A Bundle whose own elements are refused, so that its entries can be written.
_EMPTY_BUNDLE = {"resourceType": "Bundle", "type": "collection"}


class JsonFormat(JsonObjectFormat):
    """JSON: records are the entries of a Bundle or the items of a list.

    The Bundle itself, without its entries, is record 0.
    """

    name = "json"
    label = "JSON, also FHIR R4 resources and Bundles"
    suffixes = ("json",)

    def __init__(self, part: FilePart, options: NotesOptions):
        super().__init__(part, options)
        self._document: Any = None
        self._is_loaded = False

    def _load(self) -> Any:
        """Return the parsed document."""
        if not self._is_loaded:
            text = decode_part(self.part.data, self.encoding)
            try:
                self._document = read_json(text, self.encoding)
            except Refusal as refusal:
                raise Refusal(Reason.MALFORMED, refusal.sentence) from None
            self._is_loaded = True
        return self._document

    def _is_bundle(self) -> bool:
        document = self._load()
        return isinstance(document, dict) and document.get("resourceType") == "Bundle"

    def read_records(self) -> Iterator[InputRecord[dict[str, Any]]]:
        """Read the entries or items of the document."""
        document = self._load()
        if self._is_bundle():
            entries = document.get("entry", [])
            yield self._record(0, {key: value for key, value in document.items() if key != "entry"})
        else:
            entries = document if isinstance(document, list) else [document]
        if not isinstance(entries, list):
            raise Refusal(Reason.MALFORMED, "Bundle.entry is not a list; correct the Bundle")
        for row, value in enumerate(entries, 1):
            if isinstance(value, dict):
                yield self._record(row, value)
            else:
                refusal = malformed_record("the item is not a JSON object; correct it")
                yield InputRecord(row, refusal=refusal)

    def _record(self, row: int, value: dict[str, Any]) -> InputRecord[dict[str, Any]]:
        try:
            check_json_record(value)
            if not is_resource(value):
                self._rows.column_rules(tuple(value))
        except Refusal as refusal:
            return InputRecord(row, refusal=refusal)
        return InputRecord(row, value)

    def find_patient_facts(self) -> dict[str, PatientFacts]:
        """Return the facts that the FHIR resources of the document state."""
        values = (record.value for record in self.read_records() if record.refusal is None)
        return find_patients((v for v in values if v is not None and is_resource(v)), self.options)

    def join_records(self, records: Sequence[tuple[Any, bytes]]) -> bytes:
        """Return a document of the same structure: Bundle, list or object."""
        new = [value for value, _ in records]
        if self._is_bundle():
            is_refused = not new or new[0].get("resourceType") != "Bundle"
            document: Any = _EMPTY_BUNDLE if is_refused else new.pop(0)
            document = document | {"entry": new}
        else:
            document = new if isinstance(self._load(), list) else new[0]
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(
            "utf-8", "replace"
        )
