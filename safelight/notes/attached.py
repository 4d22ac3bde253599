"""Documents attached to records: PDF and CDA, cleaned as those inside DICOM objects are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Refusal, Span
from safelight.rules import RuleSet
from safelight.text.known import KnownPHI


def texts_of_document(data: bytes, kind: str, ocr: str) -> tuple[str, ...]:
    """What the text model must see of a document; nothing of one that cannot be cleaned."""
    # Imported here: most notes have no documents, and this brings a renderer and an OCR engine.
    from safelight.documents.encapsulated import scan_document
    from safelight.pixels.ocr import make_reader

    try:
        return scan_document(data, kind, make_reader(ocr)).texts
    except Refusal:
        return ()


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
    from safelight.documents.cleaned import Cleaner
    from safelight.documents.encapsulated import clean_document, scan_document
    from safelight.pixels.ocr import make_reader

    cleaner = Cleaner(known, rules.text, pseudonyms, patient)
    try:
        reader = make_reader(rules.pixels.engine)
        scan = scan_document(data, kind, reader)
        cleaned = clean_document(data, scan, spans, cleaner, reader)
    except Refusal:
        return None
    return cleaned.data, cleaned.findings
