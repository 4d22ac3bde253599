"""Files that are one document: CDA (XML) and PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Optional

from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.formats.base import InputRecord, NoteFormat
from safelight.notes.formats.plain_text_file import patient_id_from_path, subject_from_path
from safelight.notes.record_subject import RecordSubject
from safelight.records import Reason, Refusal


class DocumentFormat(NoteFormat[bytes]):
    """Base class of files that are one document and one note."""

    is_single_note = True
    media_type: ClassVar[str]

    def read_records(self) -> Iterator[InputRecord[bytes]]:
        """Return the file as the only record."""
        yield InputRecord(1, self.part.data)

    def find_subject(self, _value: bytes) -> RecordSubject:
        """Return the patient whose ID the path of the file contains, if the user says so."""
        return subject_from_path(self.part.name, self.options)

    def visit_record(self, value: bytes, visitor: FieldVisitor) -> Optional[bytes]:
        """Pass the document to the visitor.

        Parameters
        ----------
        value : bytes
            The document.
        visitor : FieldVisitor
            Collects the texts, or returns the new document.

        Returns
        -------
        bytes or None
            New document; ``None`` if it cannot be cleaned, or while texts are collected.
        """
        return visitor.visit_document(value, self.media_type, "document")

    def encode_record(self, new: Optional[bytes]) -> bytes:
        """Return the cleaned document.

        Raises
        ------
        Refusal
            If the document could not be cleaned.
        """
        if new is None:
            raise Refusal(
                Reason.ENCAPSULATED_DOCUMENT,
                "the document is neither CDA nor PDF, or cannot be cleaned; review it manually",
            )
        return new

    def join_records(self, records: Sequence[tuple[Optional[bytes], bytes]]) -> bytes:
        """Return the only document."""
        return records[0][1]


class CdaFormat(DocumentFormat):
    """CDA: the patient is the record target of the document's header."""

    name = "xml"
    label = "CDA documents"
    suffixes = ("xml", "cda")
    media_type = "text/xml"

    def find_subject(self, value: bytes) -> RecordSubject:
        """Return the patient of the header, or else of the path."""
        # Imported here: most runs have no CDA documents.
        from safelight.documents.cda.cleaning import patient_id_of

        patient_id = patient_id_of(value) or patient_id_from_path(
            self.part.name, self.options.patient_from
        )
        return subject_from_path(self.part.name, self.options, patient_id)


class PdfFormat(DocumentFormat):
    """PDF: one note a file."""

    name = "pdf"
    label = "PDF documents"
    suffixes = ("pdf",)
    media_type = "application/pdf"
