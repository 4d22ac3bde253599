"""The document stage: what the engine asks of reports and of encapsulated documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from safelight.documents.structured_reports import identifying_values
from safelight.pseudonyms import Patient, Pseudonyms
from safelight.records import Finding, Reason, Refusal, Span
from safelight.rules.policies import TextPolicy
from safelight.rules.profile import CONTENT_SEQUENCE, ENCAPSULATED_DOCUMENT
from safelight.text.known.known_phi import KnownPHI, KnownValue

if TYPE_CHECKING:
    from safelight.documents.encapsulated_documents import DocumentScan
    from safelight.pixels.ocr.base import TextReader

MIME_TYPE = 0x00420012
DOCUMENT_LENGTH = 0x00420015

#: An object without any of these needs no document stage.
DOCUMENT_TAGS = (CONTENT_SEQUENCE, ENCAPSULATED_DOCUMENT)


@dataclass(frozen=True)
class ObjectScan:
    """What a content tree or an encapsulated document holds. HOLDS PHI; picklable.

    Attributes
    ----------
    known : tuple of KnownValue
        Values that identify by their place, to be found wherever else they stand.
    document : DocumentScan or None
    """

    known: tuple[KnownValue, ...] = ()
    document: DocumentScan | None = None

    @property
    def texts(self) -> frozenset[str]:
        """Texts of the encapsulated document that a text model must see."""
        return frozenset(self.document.texts) if self.document else frozenset()


@dataclass(frozen=True)
class CleanedElements:
    """New elements of the top level, tag → (VR, value), and what was found."""

    elements: dict[int, tuple[str, bytes]]
    findings: tuple[Finding, ...] = ()


class DocumentStage:
    """Scans and cleans the documents in objects.

    Parameters
    ----------
    policy : TextPolicy
    pseudonyms : Pseudonyms
    engine : str
        OCR engine for the pages of a PDF.
    with_devices : bool
        Whether device names and serial numbers in reports identify.
    """

    def __init__(
        self,
        policy: TextPolicy,
        pseudonyms: Pseudonyms,
        engine: str = "rapidocr",
        with_devices: bool = True,
    ):
        self.policy = policy
        self.pseudonyms = pseudonyms
        self.engine = engine
        self.with_devices = with_devices

    def _reader(self) -> TextReader:
        # recognition models take a second to load; reports go without
        from safelight.pixels.ocr import make_reader

        return make_reader(self.engine)

    def scan(self, data: bytes) -> ObjectScan:
        """Read the content tree and the encapsulated document of an object.

        Parameters
        ----------
        data : bytes
            A whole DICOM object.

        Raises
        ------
        Refusal
            If there is a document that cannot be cleaned.
        """
        data_set = _read(data)
        known = identifying_values(data_set, self.with_devices)
        if ENCAPSULATED_DOCUMENT not in data_set:
            return ObjectScan(known)
        from safelight.documents.encapsulated_documents import scan_document

        document = scan_document(*_document(data_set), self._reader(), _length(data_set))
        return ObjectScan(known, document)

    def clean(
        self,
        data: bytes,
        scan: ObjectScan,
        spans: Mapping[str, Sequence[Span]],
        known: KnownPHI,
        patient: Patient,
    ) -> CleanedElements:
        """The new document of an object that was scanned; nothing if it has none.

        Parameters
        ----------
        data, scan
            As from :meth:`scan`.
        spans : mapping
            PHI of each of ``scan.texts``.
        known : KnownPHI
            What the header gives of the patient.
        patient : Patient

        Raises
        ------
        Refusal
            If the document cannot be cleaned.
        """
        if scan.document is None:
            return CleanedElements({})
        from safelight.documents.encapsulated_documents import clean_document
        from safelight.documents.text_cleaner import Cleaner

        data_set = _read(data)
        cleaner = Cleaner(known, self.policy, self.pseudonyms, patient)
        cleaned = clean_document(
            _document(data_set)[0], scan.document, spans, cleaner, self._reader(), _length(data_set)
        )
        length = len(cleaned.data)
        elements = {
            ENCAPSULATED_DOCUMENT: ("OB", cleaned.data + b"\0" * (length % 2)),
            DOCUMENT_LENGTH: ("UL", length.to_bytes(4, "little")),
        }
        return CleanedElements(elements, cleaned.findings)


def _read(data: bytes) -> Dataset:
    tags = [*DOCUMENT_TAGS, MIME_TYPE, DOCUMENT_LENGTH, 0x00080005]
    try:
        return dcmread(BytesIO(data), force=True, specific_tags=list(tags))
    except (InvalidDicomError, ValueError, EOFError, NotImplementedError, AttributeError):
        raise Refusal(
            Reason.MALFORMED, "the document in this object cannot be read; review it by hand"
        ) from None


def _document(data_set: Dataset) -> tuple[bytes, str]:
    value = data_set[ENCAPSULATED_DOCUMENT].value
    mime_type = data_set.get("MIMETypeOfEncapsulatedDocument") or ""
    return (bytes(value) if value else b""), str(mime_type)


def _length(data_set: Dataset) -> int | None:
    """Encapsulated Document Length, if it is given (PS3.3, section C.24.2)."""
    value = data_set.get("EncapsulatedDocumentLength")
    return int(value) if isinstance(value, int) else None
