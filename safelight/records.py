"""What the stages hand to each other: frozen records, and the one exception that stops an object.

Everything here may cross a process border, so it holds plain values only. Records that
carry an original value say so in their docstring; all others must be free of PHI.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Optional


class Status(str, Enum):
    """How an object or a note ended."""

    DEIDENTIFIED = "deidentified"
    FILTERED = "filtered"
    QUARANTINED = "quarantined"


class Reason(str, Enum):
    """Why an object was not written; the ``reason_code`` of ``instances`` and ``notes``."""

    NOT_DICOM = "not_dicom"
    DICOMDIR = "dicomdir"
    FILTERED_BY_RULE = "filtered_by_rule"
    UNREADABLE_SOURCE = "unreadable_source"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    UNKNOWN_TRANSFER_SYNTAX = "unknown_transfer_syntax"
    UNKNOWN_CHARACTER_SET = "unknown_character_set"
    MISSING_IDENTIFIER = "missing_identifier"
    DUPLICATE_INSTANCE = "duplicate_instance"
    OUTPUT_CONFLICT = "output_conflict"
    NO_DECODER = "no_decoder"
    UNDECODABLE_PIXELS = "undecodable_pixels"
    PIXEL_PHI_REMAINS = "pixel_phi_remains"
    PIXELS_NOT_CHECKED = "pixels_not_checked"
    DEVICE_DENIED = "device_denied"
    RECOGNIZABLE_FACE = "recognizable_face"
    TEXT_NOT_CLEANED = "text_not_cleaned"
    HEADER_PHI_REMAINS = "header_phi_remains"
    STRUCTURED_CONTENT = "structured_content"
    ENCAPSULATED_DOCUMENT = "encapsulated_document"
    NOT_NOTES = "not_notes"
    MALFORMED_ROW = "malformed_row"
    INTERNAL_ERROR = "internal_error"


class Refusal(Exception):
    """Raised by any stage that cannot do what the rules ask of it.

    The object is then not written. The sentence goes into logs and tables: it must hold
    no value of the object, only tag paths, lengths, codes and what to do next.

    Parameters
    ----------
    reason : Reason
    sentence : str
        One sentence for a person, free of PHI.
    status : Status
        ``QUARANTINED`` unless the rules say that such objects are filtered.
    """

    def __init__(self, reason: Reason, sentence: str, status: Status = Status.QUARANTINED):
        super().__init__(reason, sentence, status)
        self.reason = reason
        self.sentence = sentence
        self.status = status

    def __str__(self) -> str:
        return self.sentence

    @classmethod
    def from_exception(cls, error: BaseException) -> Refusal:
        """Return a refusal for any exception; a refusal is returned unchanged.

        The message of an unexpected exception may quote the input, so the refusal holds only
        its class and the place where it was raised.
        """
        if isinstance(error, cls):
            return error
        place = "an unknown place"
        if error.__traceback__ is not None:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).stem}:{frame.lineno}"
        return cls(
            Reason.INTERNAL_ERROR,
            f"{type(error).__name__} at {place}; nothing was written, please report this",
        )


@dataclass(frozen=True)
class Span:
    """A piece of a text that identifies someone.

    Attributes
    ----------
    begin, end : int
        Code point offsets into the text, half open.
    entity : str
        Coarse label: NAME, DATE, AGE, ID, LOCATION, CONTACT or PROFESSION.
    engine : str
        What found it: ``ner``, ``regex``, ``key``, ``gazetteer``, ``known``.
    confidence : float
        0 to 1; rules report 1.
    subtype : str
        Fine label (PATIENT, CLINICIAN, MRN, ZIP, …), or empty.
    """

    begin: int
    end: int
    entity: str
    engine: str
    confidence: float = 1.0
    subtype: str = ""


#: A text model: texts in, for each its spans. The engine never sees more of it.
Annotate = Callable[[Sequence[str]], Sequence[Sequence[Span]]]


@dataclass(frozen=True)
class Action:
    """One row of ``audit``: an element or a group of masked regions that was changed. No PHI."""

    location: str
    keyword: str
    vr: str
    action: str
    rule: str
    detail: str = ""


@dataclass(frozen=True)
class Finding:
    """One row of ``findings``: PHI found in text or pixels. No PHI, only its keyed hash.

    ``box`` is (x, y, width, height) in pixels of the frame; ``frame`` counts from 0 and is
    ``None`` for what stands in every frame or is not in pixels.
    """

    location: str
    entity: str
    engine: str
    confidence: float
    text_hmac: str
    box: Optional[tuple[int, int, int, int]] = None
    frame: Optional[int] = None


@dataclass(frozen=True)
class PseudonymMapping:
    """One original → pseudonym pair. HOLDS AN ORIGINAL VALUE: encrypt before it is written."""

    kind: str
    original: str
    pseudonym: str
    patient_pseudonym: str


@dataclass(frozen=True)
class Result:
    """What became of one object.

    Attributes
    ----------
    data : bytes or None
        The de-identified object; ``None`` unless ``status`` is ``DEIDENTIFIED``.
    reason_code, reason : str
        Empty when de-identified.
    catalog : dict
        De-identified attributes for the ``catalog`` table.
    """

    status: Status
    reason_code: str = ""
    reason: str = ""
    data: Optional[bytes] = None
    sop_class_uid: str = ""
    modality: str = ""
    transfer_syntax_in: str = ""
    transfer_syntax_out: str = ""
    study_uid: str = ""
    series_uid: str = ""
    sop_uid: str = ""
    patient_pseudonym: str = ""
    actions: tuple[Action, ...] = ()
    findings: tuple[Finding, ...] = ()
    mappings: tuple[PseudonymMapping, ...] = ()
    catalog: dict[str, Any] = field(default_factory=dict)
