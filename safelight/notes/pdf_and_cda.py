"""Clean the PDF and CDA documents of records with the code that cleans them in DICOM objects."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Optional

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Refusal, Span
from safelight.rules import RuleSet
from safelight.text.known.known_phi import KnownPHI

if TYPE_CHECKING:
    from safelight.documents.encapsulated_documents import EncapsulatedScan


# The cache holds the documents between the scan and the rebuild of a record: the OCR of their
# pages takes most of the time.
@lru_cache(maxsize=4)
def _scan(data: bytes, media_type: str, ocr_engine: str) -> Optional[EncapsulatedScan]:
    """Return the scan of a document; ``None`` if the document cannot be cleaned."""
    # Imported here: most notes have no documents, and this loads a renderer and an OCR engine.
    from safelight.documents.encapsulated_documents import scan_document
    from safelight.pixels.ocr import make_reader

    try:
        return scan_document(data, media_type, make_reader(ocr_engine))
    except Refusal:
        return None


def document_texts(data: bytes, media_type: str, ocr_engine: str) -> tuple[str, ...]:
    """Return the texts of a document to annotate; none if the document cannot be cleaned.

    Parameters
    ----------
    data : bytes
        The document.
    media_type : str
        MIME type without parameters.
    ocr_engine : str
        Name of the OCR engine for the pages of a PDF: ``rapidocr`` or ``tesseract``.

    Raises
    ------
    ValueError
        If there is no OCR engine of this name.
    """
    scan = _scan(data, media_type, ocr_engine)
    return scan.texts if scan is not None else ()


def clean_document_file(
    data: bytes,
    media_type: str,
    spans: Mapping[str, Sequence[Span]],
    *,
    known: KnownPHI,
    rules: RuleSet,
    pseudonyms: Pseudonyms,
    patient: Patient,
    reference: Optional[datetime.date] = None,
) -> Optional[tuple[bytes, tuple[Finding, ...]]]:
    """Return a document without PHI, and the findings; ``None`` if it cannot be cleaned.

    Parameters
    ----------
    data : bytes
        The document.
    media_type : str
        MIME type without parameters.
    spans : mapping
        Spans of each text that :func:`document_texts` returns.
    known : KnownPHI
        Values known of the patient.
    rules : RuleSet
    pseudonyms : Pseudonyms
    patient : Patient
    reference : datetime.date, optional
        Date of the record that holds the document.
    """
    scan = _scan(data, media_type, rules.pixels.engine)
    if scan is None:
        return None
    from safelight.documents.encapsulated_documents import clean_document
    from safelight.documents.text_cleaner import TextCleaner
    from safelight.pixels.ocr import make_reader

    hints = scan.date_hints({text: spans.get(text, ()) for text in scan.texts}, reference)
    cleaner = TextCleaner(known, rules.text, pseudonyms, patient, hints)
    try:
        cleaned = clean_document(data, scan, spans, cleaner, make_reader(rules.pixels.engine))
    except Refusal:
        return None
    return cleaned.data, cleaned.findings
