"""The document stage: what an object says beside its elements and pixels."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pydicom

from safelight.documents.cleaned import CleanedDocument, Cleaner
from safelight.documents.encapsulated import DocumentScan, clean_document, scan_document
from safelight.documents.structured_report import identifying_values
from safelight.headers.parse import ParsedObject
from safelight.headers.stage import ENCAPSULATED_DOCUMENT
from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import TextReader
from safelight.records import Span
from safelight.rules import RuleSet
from safelight.standard.options import Option
from safelight.text.known import KnownValue

MIME_TYPE = 0x00420012
DOCUMENT_LENGTH = 0x00420015


class DocumentStage:
    """Cleans encapsulated documents; reads what content trees say of the patient.

    Parameters
    ----------
    rules : RuleSet
    """

    def __init__(self, rules: RuleSet):
        self._rules = rules
        self._loaded: TextReader | None = None

    @property
    def _reader(self) -> TextReader:
        """The OCR engine for pages; its models are loaded at first use."""
        if self._loaded is None:
            self._loaded = make_reader(self._rules.pixels.engine)
        return self._loaded

    def scan(self, parsed: ParsedObject) -> DocumentScan:
        """Find the text of the object's encapsulated document."""
        mime_type, length = parsed.text(MIME_TYPE), _length(parsed)
        return scan_document(parsed.raw(ENCAPSULATED_DOCUMENT), mime_type, self._reader, length)

    def clean(
        self,
        parsed: ParsedObject,
        scan: DocumentScan,
        spans: Mapping[str, Sequence[Span]],
        cleaner: Cleaner,
    ) -> CleanedDocument:
        """The document without what identifies."""
        raw = parsed.raw(ENCAPSULATED_DOCUMENT)
        return clean_document(raw, scan, spans, cleaner, self._reader, _length(parsed))

    def values_of_report(self, data: bytes) -> tuple[KnownValue, ...]:
        """What the content tree of a report names as the patient's, a person's or a place's."""
        with_devices = Option.RETAIN_DEVICE_IDENTITY not in self._rules.options
        return identifying_values(pydicom.dcmread(io.BytesIO(data), force=True), with_devices)


def document_elements(document: CleanedDocument) -> dict[int, tuple[str, bytes]]:
    """What takes the place of the original document; the byte order of its syntaxes is little."""
    length = len(document.data).to_bytes(4, "little")
    return {
        ENCAPSULATED_DOCUMENT: ("OB", document.data),
        DOCUMENT_LENGTH: ("UL", length),
    }


def _length(parsed: ParsedObject) -> int | None:
    raw = parsed.raw(DOCUMENT_LENGTH)
    return int.from_bytes(raw[:4], "little" if parsed.encoding.little else "big") if raw else None
