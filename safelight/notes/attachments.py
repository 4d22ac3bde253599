"""Documents attached to records: PDF and CDA, cleaned as those inside DICOM objects are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Optional

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Refusal, Span
from safelight.rules import RuleSet
from safelight.text.known.known_phi import KnownPHI

if TYPE_CHECKING:
    from safelight.documents.encapsulated_documents import EncapsulatedScan


@lru_cache(maxsize=4)
def _scanned(data: bytes, kind: str, ocr: str) -> Optional[EncapsulatedScan]:
    """What stands in a document; reading its pages is what takes time, so the last are kept."""
    # Imported here: most notes have no documents, and this brings a renderer and an OCR engine.
    from safelight.documents.encapsulated_documents import scan_document
    from safelight.pixels.ocr import make_reader

    try:
        return scan_document(data, kind, make_reader(ocr))
    except Refusal:
        return None


def texts_of_document(data: bytes, kind: str, ocr: str) -> tuple[str, ...]:
    """What the text model must see of a document; nothing of one that cannot be cleaned."""
    scan = _scanned(data, kind, ocr)
    return scan.texts if scan is not None else ()


def clean_attached(
    data: bytes,
    kind: str,
    spans: Mapping[str, Sequence[Span]],
    known: KnownPHI,
    rules: RuleSet,
    pseudonyms: Pseudonyms,
    patient: Patient,
) -> Optional[tuple[bytes, tuple[Finding, ...]]]:
    """The document without what identifies, and the findings; ``None`` if it cannot be cleaned."""
    scan = _scanned(data, kind, rules.pixels.engine)
    if scan is None:
        return None
    from safelight.documents.encapsulated_documents import clean_document
    from safelight.documents.text_cleaner import Cleaner
    from safelight.pixels.ocr import make_reader

    cleaner = Cleaner(known, rules.text, pseudonyms, patient)
    try:
        cleaned = clean_document(data, scan, spans, cleaner, make_reader(rules.pixels.engine))
    except Refusal:
        return None
    return cleaned.data, cleaned.findings
