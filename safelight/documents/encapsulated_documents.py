"""Encapsulated documents: scan, then clean, by the kind of document (PS3.3, section A.45)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from safelight.documents.cda.cleaning import CdaScan, clean_cda, scan_cda
from safelight.documents.pdf.cleaning import PdfScan, clean_pdf, scan_pdf
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.ocr.base import TextReader
from safelight.records import Reason, Refusal, Span

_XML_TYPES = frozenset(("text/xml", "application/xml", "application/hl7-cda+xml", "text/xml+cda"))


@dataclass(frozen=True)
class EncapsulatedScan:
    """What was found in one document. HOLDS PHI; picklable.

    Attributes
    ----------
    found : PdfScan or CdaScan
    """

    found: PdfScan | CdaScan

    @property
    def texts(self) -> tuple[str, ...]:
        """What a text model must see before the document can be cleaned."""
        return self.found.texts


def _unpadded(data: bytes, length: int | None) -> bytes:
    """The document without the padding of its element (PS3.3, section C.24.2)."""
    if length is not None and 0 < length <= len(data) <= length + 1:
        return data[:length]
    return data[:-1] if data.endswith(b"\0") else data


def scan_document(
    data: bytes, mime_type: str, reader: TextReader, length: int | None = None
) -> EncapsulatedScan:
    """Find the text of a document.

    Parameters
    ----------
    data : bytes
        Value of Encapsulated Document (0042,0011).
    mime_type : str
        MIME Type of Encapsulated Document (0042,0012).
    reader : TextReader
        For pages of a PDF; see :func:`safelight.pixels.ocr.make_reader`.
    length : int, optional
        Encapsulated Document Length (0042,0015).

    Raises
    ------
    Refusal
        If it is a document of another kind (STL, OBJ, MTL, …) or cannot be read.
    """
    data = _unpadded(data, length)
    kind = mime_type.split(";")[0].strip().lower()
    if kind == "application/pdf" and data.lstrip()[:5] == b"%PDF-":
        return EncapsulatedScan(scan_pdf(data, reader))
    if kind in _XML_TYPES:
        return EncapsulatedScan(scan_cda(data, reader))
    raise Refusal(
        Reason.ENCAPSULATED_DOCUMENT,
        "the encapsulated document is neither PDF nor CDA; review it by hand, or let the rules "
        "remove it",
    )


def clean_document(
    data: bytes,
    scan: EncapsulatedScan,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    reader: TextReader,
    length: int | None = None,
) -> CleanedDocument:
    """The document without what identifies; its length must be written to (0042,0015).

    Parameters
    ----------
    data, reader, length
        As they were scanned.
    scan : EncapsulatedScan
    spans : mapping
        PHI of each of ``scan.texts``.
    cleaner : TextCleaner
        Policy, key, patient and what is known of the patient.

    Raises
    ------
    Refusal
        If any step cannot be done: the document is then not written.
    """
    data = _unpadded(data, length)
    if isinstance(scan.found, PdfScan):
        return clean_pdf(data, scan.found, spans, cleaner, reader)
    return clean_cda(data, scan.found, spans, cleaner, reader)
