"""Records that the stages exchange, and the exception that stops the processing of an object.

Records may be pickled and sent to another process, so they hold plain values only. A record that
holds an original value says so in its docstring. All other records must be free of PHI.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Optional


class Status(str, Enum):
    """Outcome of one object or note.

    Attributes
    ----------
    DEIDENTIFIED
        The de-identified output is complete.
    FILTERED
        The rules exclude the input, or it is not a DICOM instance. There is no output.
    QUARANTINED
        A step that the rules require failed. There is no output.
    """

    DEIDENTIFIED = "deidentified"
    FILTERED = "filtered"
    QUARANTINED = "quarantined"


class Reason(str, Enum):
    """Reason why an object or a note has no output.

    Attributes
    ----------
    value : str
        Value of the column ``reason_code`` of the tables ``instances`` and ``notes``.
    """

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
    PIXEL_TEXT_SUSPECTED = "pixel_text_suspected"
    PIXELS_NOT_CHECKED = "pixels_not_checked"
    OCR_SELF_TEST = "ocr_self_test"
    DEVICE_DENIED = "device_denied"
    RECOGNIZABLE_FACE = "recognizable_face"
    TEXT_NOT_CLEANED = "text_not_cleaned"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    HEADER_PHI_REMAINS = "header_phi_remains"
    STRUCTURED_CONTENT = "structured_content"
    ENCAPSULATED_DOCUMENT = "encapsulated_document"
    INVALID_VALUE = "invalid_value"
    REQUIRED_ATTRIBUTE_REMOVED = "required_attribute_removed"
    LOOKUP_MISSING = "lookup_missing"
    NOT_NOTES = "not_notes"
    MALFORMED_ROW = "malformed_row"
    OBJECT_TIMEOUT = "object_timeout"
    OBJECT_MEMORY = "object_memory"
    DECODER_CRASH = "decoder_crash"
    INTERNAL_ERROR = "internal_error"


class Refusal(Exception):  # noqa: N818 -- the name is part of the public API
    """Raised by a stage that cannot carry out a step that the rules require.

    The object is then not written. The sentence is written to logs and tables. It must not hold a
    value of the object, only tag paths, lengths, codes and the next step for the user.

    Parameters
    ----------
    reason : Reason
        Code of the reason.
    sentence : str
        One sentence for the user, free of PHI.
    status : Status
        ``QUARANTINED``, or ``FILTERED`` for input that the rules exclude.
    """

    def __init__(self, reason: Reason, sentence: str, status: Status = Status.QUARANTINED):
        super().__init__(reason, sentence, status)
        self.reason = reason
        self.sentence = sentence
        self.status = status

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence

    @classmethod
    def from_exception(cls, error: BaseException) -> Refusal:
        """Return a refusal for any exception; a refusal is returned unchanged.

        The message of an unexpected exception may quote the input, so the refusal holds only
        its class and the place where it was raised.
        """
        if isinstance(error, cls):
            return error
        if isinstance(error, MemoryError):
            return cls(
                Reason.OBJECT_MEMORY,
                "the object needs more memory than this process may have; check it, or raise "
                "--object-memory",
            )
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
    """Part of a text that identifies a person.

    Attributes
    ----------
    begin, end : int
        Code point offsets into the text; ``end`` is exclusive.
    entity : str
        Label: NAME, DATE, AGE, ID, LOCATION, CONTACT or PROFESSION.
    engine : str
        Recognizer that found the span: ``ner``, ``regex``, ``key``, ``gazetteer`` or ``known``.
    confidence : float
        From 0 to 1. Recognizers without a model report 1.
    subtype : str
        Second label, for example PATIENT, CLINICIAN, MRN or ZIP; empty if unknown.
    """

    begin: int
    end: int
    entity: str
    engine: str
    confidence: float = 1.0
    subtype: str = ""


#: Text model: takes texts and returns the spans of each text, in the same order.
Annotate = Callable[[Sequence[str]], Sequence[Sequence[Span]]]


@dataclass(frozen=True)
class Action:
    """One row of the table ``audit``: a changed element or a group of masked regions. No PHI.

    Attributes
    ----------
    location : str
        Tag path such as ``(0008,1140)[0].(0008,1155)``, or ``pixels[FRAME]``.
    keyword : str
        Keyword of PS3.6; empty for a private element.
    vr : str
        Value representation.
    action : str
        Change, for example ``removed``, ``shifted`` or ``masked``.
    rule : str
        Source of the rule.
    detail : str
        Length or count. Never a value.
    """

    location: str
    keyword: str
    vr: str
    action: str
    rule: str
    detail: str = ""


@dataclass(frozen=True)
class Finding:
    """One row of the table ``findings``: the keyed hash of PHI found in text or pixels. No PHI.

    Attributes
    ----------
    location : str
        Tag path, or ``pixels``.
    entity, engine, confidence
        See :class:`Span`.
    text_hmac : str
        HMAC-SHA256 of the text, in hexadecimal.
    box : tuple of int, optional
        (x, y, width, height) in pixels of the frame.
    frame : int, optional
        Index of the frame, from 0; None for text in all frames and for text outside of pixels.
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
    """Original value and its pseudonym. HOLDS AN ORIGINAL VALUE: encrypt it before writing.

    Attributes
    ----------
    kind : str
        Kind of value, for example ``patient_id`` or ``study_uid``.
    original : str
        The original value. PHI.
    pseudonym : str
        Value that replaces it.
    patient_pseudonym : str
        Pseudonym of the patient.
    """

    kind: str
    original: str = field(repr=False)
    pseudonym: str
    patient_pseudonym: str


@dataclass(frozen=True)
class Result:
    """Result for one object.

    Attributes
    ----------
    status : Status
        Outcome.
    reason_code, reason : str
        Value of :class:`Reason` and one sentence; empty if de-identified.
    data : bytes or None
        The de-identified object; None unless ``status`` is ``DEIDENTIFIED``.
    sop_class_uid, modality : str
        From the source object; empty if they are not valid.
    transfer_syntax_in, transfer_syntax_out : str
        Transfer Syntax UIDs of the source object and of the de-identified object.
    study_uid, series_uid, sop_uid : str
        New UIDs of study, series and instance.
    patient_pseudonym : str
        Pseudonym of the patient.
    actions : tuple of Action
        Rows of the table ``audit``.
    findings : tuple of Finding
        Rows of the table ``findings``.
    mappings : tuple of PseudonymMapping
        HOLDS ORIGINAL VALUES.
    catalog : dict
        De-identified attributes for the table ``catalog``, by column.
    """

    status: Status
    reason_code: str = ""
    reason: str = ""
    data: Optional[bytes] = field(default=None, repr=False)
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
    mappings: tuple[PseudonymMapping, ...] = field(default=(), repr=False)
    catalog: dict[str, Any] = field(default_factory=dict)
