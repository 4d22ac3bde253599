"""Scan and clean structured reports and encapsulated documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from safelight.dicom.character_sets import find_text_encodings
from safelight.dicom.items import ItemReader
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import SPECIFIC_CHARACTER_SET
from safelight.documents.structured_reports import identifying_values
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Span
from safelight.rules.policies import TextPolicy
from safelight.rules.profile import CONTENT_SEQUENCE, ENCAPSULATED_DOCUMENT
from safelight.text.known.known_phi import KnownPHI, KnownValue

if TYPE_CHECKING:
    from safelight.documents.encapsulated_documents import EncapsulatedScan
    from safelight.pixels.ocr.base import TextReader

MIME_TYPE = 0x00420012
DOCUMENT_LENGTH = 0x00420015


@dataclass(frozen=True)
class DocumentScan:
    """PHI found in a content tree or an encapsulated document. HOLDS PHI; picklable.

    Attributes
    ----------
    known : tuple of KnownValue
        Values that identify by their concept name; they are removed from the whole object.
    document : EncapsulatedScan or None
        Text of the encapsulated document; ``None`` if the object has none.
    """

    known: tuple[KnownValue, ...] = ()
    document: EncapsulatedScan | None = None

    @property
    def texts(self) -> frozenset[str]:
        """Texts of the encapsulated document that a text model must annotate."""
        return frozenset(self.document.texts) if self.document else frozenset()


@dataclass(frozen=True)
class CleanedElements:
    """New top-level elements, tag → (VR, value bytes), and the findings in the old ones."""

    elements: dict[int, tuple[str, bytes]]
    findings: tuple[Finding, ...] = ()


class DocumentStage:
    """Scan and clean the documents in DICOM objects.

    Parameters
    ----------
    policy : TextPolicy
        Replacement of each kind of PHI.
    pseudonyms : Pseudonyms
    ocr_engine : str
        OCR engine for the pages of a PDF; see :func:`safelight.pixels.ocr.make_reader`.
    with_devices : bool
        Treat device names and serial numbers in reports as identifying.
    """

    def __init__(
        self,
        policy: TextPolicy,
        pseudonyms: Pseudonyms,
        ocr_engine: str = "rapidocr",
        with_devices: bool = True,
    ):
        self.policy = policy
        self.pseudonyms = pseudonyms
        self.ocr_engine = ocr_engine
        self.with_devices = with_devices

    def _reader(self) -> TextReader:
        # Imported here: recognition models take a second to load, and reports do not need them.
        from safelight.pixels.ocr import make_reader
        from safelight.pixels.ocr.self_test import check_reader

        return check_reader(make_reader(self.ocr_engine))

    def scan(self, parsed: ParsedObject) -> DocumentScan:
        """Read the content tree and the encapsulated document of an object.

        Parameters
        ----------
        parsed : ParsedObject

        Returns
        -------
        DocumentScan
            Empty if the object has neither.

        Raises
        ------
        Refusal
            If the object has a content tree or a document that cannot be cleaned.
        """
        known = self._find_known(parsed)
        if parsed.find(ENCAPSULATED_DOCUMENT) is None:
            return DocumentScan(known)
        from safelight.documents.encapsulated_documents import scan_document

        document = scan_document(
            parsed.raw(ENCAPSULATED_DOCUMENT),
            parsed.text(MIME_TYPE),
            self._reader(),
            _document_length(parsed),
        )
        return DocumentScan(known, document)

    def _find_known(self, parsed: ParsedObject) -> tuple[KnownValue, ...]:
        """Return the identifying values of the content tree."""
        tree = parsed.find(CONTENT_SEQUENCE)
        if tree is None:
            return ()
        encodings = find_text_encodings(parsed.text(SPECIFIC_CHARACTER_SET))
        reader = ItemReader(parsed.data, [tree], parsed.encoding, encodings)
        return identifying_values(reader.read_items(CONTENT_SEQUENCE), self.with_devices)

    def clean(
        self,
        parsed: ParsedObject,
        scan: DocumentScan,
        spans: Mapping[str, Sequence[Span]],
        known: KnownPHI,
        patient: Patient,
    ) -> CleanedElements:
        """Return the cleaned document of a scanned object; no elements if it has none.

        Parameters
        ----------
        parsed : ParsedObject
            The object that was scanned.
        scan : DocumentScan
            Result of :meth:`scan` for this object.
        spans : mapping
            PHI spans of each text in ``scan.texts``.
        known : KnownPHI
            Values of the patient that the header states.
        patient : Patient

        Returns
        -------
        CleanedElements

        Raises
        ------
        Refusal
            If the document cannot be cleaned.
        """
        if scan.document is None:
            return CleanedElements({})
        from safelight.documents.encapsulated_documents import clean_document
        from safelight.documents.text_cleaner import TextCleaner

        hints = scan.document.date_hints({text: spans.get(text, ()) for text in scan.texts})
        cleaned = clean_document(
            parsed.raw(ENCAPSULATED_DOCUMENT),
            scan.document,
            spans,
            TextCleaner(known, self.policy, self.pseudonyms, patient, hints),
            self._reader(),
            length=_document_length(parsed),
        )
        length = len(cleaned.data)
        elements = {
            ENCAPSULATED_DOCUMENT: ("OB", cleaned.data + b"\0" * (length % 2)),
            DOCUMENT_LENGTH: ("UL", length.to_bytes(4, "little")),
        }
        return CleanedElements(elements, cleaned.findings)


def _document_length(parsed: ParsedObject) -> int | None:
    """Return Encapsulated Document Length, if it is one number (PS3.3, section C.24.2)."""
    raw = parsed.raw(DOCUMENT_LENGTH)
    if len(raw) != 4:
        return None
    return int.from_bytes(raw, "little" if parsed.encoding.little else "big")
