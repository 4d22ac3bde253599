"""One document a file: a CDA document (XML) or a PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.formats.base import Format, Record
from safelight.notes.formats.plain_text import named_patient
from safelight.notes.record_subject import Subject
from safelight.records import Reason, Refusal

_KINDS = {"xml": "text/xml", "pdf": "application/pdf"}


class DocumentFormat(Format[bytes]):
    """The file is one note; of a CDA document the patient is the one of its header."""

    def records(self) -> Iterator[Record[bytes]]:
        yield Record(1, self.piece.data)

    def subject(self, value: bytes) -> Subject:
        named = named_patient(self.piece.name, self.options.patient_from)
        if self.piece.format == "xml":
            # Imported here: most runs have none.
            from safelight.documents.cda.cleaning import patient_id_of

            named = patient_id_of(value) or named
        identity = self.options.identity(named) if named else ""
        return Subject(identity, (identity,) if identity else (), self.piece.name, patient_id=named)

    def walk(self, value: bytes, visitor: FieldVisitor) -> Optional[bytes]:
        return visitor.document(value, _KINDS[self.piece.format], "document")

    def encode(self, new: Optional[bytes]) -> bytes:
        if new is None:
            raise Refusal(
                Reason.ENCAPSULATED_DOCUMENT,
                "the document is no CDA and no PDF, or cannot be cleaned; review it by hand",
            )
        return new

    def join(self, records: Sequence[tuple[Optional[bytes], bytes]]) -> bytes:
        return records[0][1]
