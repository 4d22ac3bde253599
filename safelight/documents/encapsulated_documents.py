"""Scan and clean encapsulated documents, by their MIME type (PS3.3, section A.45)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from safelight.documents.cda.cleaning import CdaScan, clean_cda, scan_cda
from safelight.documents.pdf.cleaning import PdfScan, clean_pdf, scan_pdf
from safelight.documents.surface_models import can_clean, clean_surface_model
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.ocr.base import TextReader
from safelight.records import Reason, Refusal, Span
from safelight.text.dates.hints import NO_HINTS, DateHints, pool_hints
from safelight.text.dates.note_dates import find_reference

_CDA_MEDIA_TYPES = frozenset(
    ("text/xml", "application/xml", "application/hl7-cda+xml", "text/xml+cda")
)


@dataclass(frozen=True)
class SurfaceModelScan:
    """Scan of a three-dimensional model, whose texts are removed without being read.

    Attributes
    ----------
    media_type : str
        MIME type in lower case, without parameters.
    """

    media_type: str

    @property
    def texts(self) -> tuple[str, ...]:
        """No text is annotated."""
        return ()


@dataclass(frozen=True)
class EncapsulatedScan:
    """Scan of one encapsulated document. HOLDS PHI; picklable.

    Attributes
    ----------
    content : PdfScan, CdaScan or SurfaceModelScan
    """

    content: PdfScan | CdaScan | SurfaceModelScan

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts that a text model must annotate before the document can be cleaned."""
        return self.content.texts

    def date_hints(
        self, spans: Mapping[str, Sequence[Span]], reference: datetime.date | None = None
    ) -> DateHints:
        """Return the order and the year of the dates of the document.

        Parameters
        ----------
        spans : mapping
            Spans of each text.
        reference : datetime.date, optional
            Date of the record that holds the document. The date in the header of a CDA document
            has priority.
        """
        own = self.content.date if isinstance(self.content, CdaScan) else None
        hints = pool_hints({text: spans.get(text, ()) for text in self.texts}, own or reference)
        return (
            hints if hints == NO_HINTS else replace(hints, reference=find_reference(spans, hints))
        )


def _without_padding(data: bytes, length: int | None) -> bytes:
    """Return the document without the padding of its element (PS3.3, section C.24.2)."""
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
        OCR engine for the pages of a PDF; see :func:`safelight.pixels.ocr.make_reader`.
    length : int, optional
        Encapsulated Document Length (0042,0015).

    Returns
    -------
    EncapsulatedScan

    Raises
    ------
    Refusal
        If the document is neither PDF nor CDA nor a model (STL, OBJ, MTL), or cannot be read.
    """
    data = _without_padding(data, length)
    media_type = mime_type.partition(";")[0].strip().lower()
    if media_type == "application/pdf" and data.lstrip()[:5] == b"%PDF-":
        return EncapsulatedScan(scan_pdf(data, reader))
    if media_type in _CDA_MEDIA_TYPES:
        return EncapsulatedScan(scan_cda(data, reader))
    if can_clean(media_type):
        clean_surface_model(data, media_type)  # so that it is refused before other stages work
        return EncapsulatedScan(SurfaceModelScan(media_type))
    raise Refusal(
        Reason.ENCAPSULATED_DOCUMENT,
        "the encapsulated document is not PDF, CDA, STL, OBJ or MTL; review it manually, or let "
        "the rules remove it",
    )


def clean_document(
    data: bytes,
    scan: EncapsulatedScan,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    reader: TextReader,
    *,
    length: int | None = None,
) -> CleanedDocument:
    """Return the document without PHI.

    The caller writes its length to Encapsulated Document Length (0042,0015).

    Parameters
    ----------
    data, reader, length
        The arguments of :func:`scan_document`.
    scan : EncapsulatedScan
        Result of :func:`scan_document`.
    spans : mapping
        PHI spans of each text in ``scan.texts``.
    cleaner : TextCleaner

    Raises
    ------
    Refusal
        If a step fails. The document must then not be written.
    """
    data = _without_padding(data, length)
    if isinstance(scan.content, SurfaceModelScan):
        return CleanedDocument(clean_surface_model(data, scan.content.media_type), ())
    if isinstance(scan.content, PdfScan):
        return clean_pdf(data, scan.content, spans, cleaner, reader)
    return clean_cda(data, scan.content, spans, cleaner, reader)
