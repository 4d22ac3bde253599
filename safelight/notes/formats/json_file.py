"""One JSON document: a FHIR resource or Bundle, a list of rows, or one row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from safelight.notes.fhir.resources import is_resource, patients_of
from safelight.notes.formats.base import Piece, Record, decode, malformed
from safelight.notes.formats.json_lines import JsonObjectFormat, read_json
from safelight.notes.models import PatientFacts
from safelight.notes.record_subject import NotesOptions
from safelight.records import Reason, Refusal


class JsonFormat(JsonObjectFormat):
    """The records of a document: the entries of a Bundle, or the items of a list.

    The Bundle itself, without its entries, is record 0.
    """

    def __init__(self, piece: Piece, options: NotesOptions):
        super().__init__(piece, options)
        self._document: Any = None
        self._read = False

    def _load(self) -> Any:
        if not self._read:
            text = decode(self.piece.data, self.encoding)
            try:
                self._document = read_json(text, self.encoding)
            except Refusal as refusal:
                raise Refusal(Reason.MALFORMED, refusal.sentence) from None
            self._read = True
        return self._document

    def _is_bundle(self) -> bool:
        document = self._load()
        return is_resource(document) and document["resourceType"] == "Bundle"

    def records(self) -> Iterator[Record[dict[str, Any]]]:
        document = self._load()
        if self._is_bundle():
            entries = document.get("entry", [])
            yield Record(0, {key: value for key, value in document.items() if key != "entry"})
        else:
            entries = document if isinstance(document, list) else [document]
        if not isinstance(entries, list):
            raise Refusal(Reason.MALFORMED, "Bundle.entry is no list; repair the Bundle")
        for row, value in enumerate(entries, 1):
            if isinstance(value, dict):
                yield self._record(row, value)
            else:
                yield Record(row, refusal=malformed("the item is no JSON object"))

    def _record(self, row: int, value: dict[str, Any]) -> Record[dict[str, Any]]:
        try:
            if not is_resource(value):
                self._rows.plan(tuple(value))
        except Refusal as refusal:
            return Record(row, refusal=refusal)
        return Record(row, value)

    def facts(self) -> dict[str, PatientFacts]:
        document = self._load()
        items = document.get("entry", []) if self._is_bundle() else document
        items = items if isinstance(items, list) else [items]
        return patients_of((item for item in items if is_resource(item)), self.options)

    def join(self, records: Sequence[tuple[Any, bytes]]) -> bytes:
        new = [value for value, _ in records]
        if self._is_bundle():
            document: Any = new[0] | {"entry": new[1:]}
        else:
            document = new if isinstance(self._load(), list) else new[0]
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(
            "utf-8", "replace"
        )
