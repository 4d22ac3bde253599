"""Scan and result records of files of notes, shared by the formats, the cleaner and the jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from safelight.records import PseudonymMapping, Span, Status
from safelight.text.known.known_phi import KnownValue

#: Spans of the text model by text.
SpansByText = Mapping[str, Sequence[Span]]


@dataclass(frozen=True)
class PatientFacts:
    """Facts about one patient from other records or files. HOLDS PHI.

    Attributes
    ----------
    identity : str
        See :func:`safelight.headers.patient_identity.make_patient_identity`; empty if unknown.
    known : tuple of KnownValue
        Values to find in the texts about this patient.
    """

    identity: str
    known: tuple[KnownValue, ...] = ()

    @cached_property
    def known_set(self) -> frozenset[KnownValue]:
        """The known values without order; many records refer to one patient."""
        return frozenset(self.known)


#: Key of the values that are known of all patients, and patient ID of their rows in ``--known``.
EVERYONE = "*"
#: Facts by key: the identity of a patient, or ``fhir_key`` of a resource ID.
FactsByKey = Mapping[str, PatientFacts]


@dataclass(frozen=True)
class NoteFinding:
    """One row of ``notes_findings``. No PHI.

    Attributes
    ----------
    field : str
        Column, FHIR path or HL7 v2 field.
    entity, engine, confidence
        See :class:`safelight.records.Span`.
    action : str
        Action of the text policy: ``mask``, ``surrogate``, ``shift``, …
    begin, end : int
        Code point offsets of the replacement in the DE-IDENTIFIED field, half open.
    text_hmac : str
        Keyed hash of the original text.
    """

    field: str
    entity: str
    engine: str
    confidence: float
    action: str
    begin: int
    end: int
    text_hmac: str


@dataclass(frozen=True)
class NoteResult:
    """Result for one note: a row, a resource, a message or a file of text. No PHI.

    Attributes
    ----------
    row : int
        Number of the record in the source, from 1.
    reason_code, reason : str
        Empty if the note was de-identified.
    note_id : str
        Pseudonym of the note.
    chars_in, chars_out : int
        Characters of free text before and after cleaning.
    sha256 : str
        Checksum of the note's bytes in the output; empty unless de-identified.
    """

    row: int
    status: Status
    reason_code: str = ""
    reason: str = ""
    note_id: str = ""
    patient_pseudonym: str = ""
    chars_in: int = 0
    chars_out: int = 0
    sha256: str = ""
    findings: tuple[NoteFinding, ...] = ()


@dataclass(frozen=True)
class FilePartResult:
    """Result for a file, or for one part of a large file.

    Attributes
    ----------
    status : Status
        ``QUARANTINED`` if no record could be read; single notes may be quarantined in a part
        that is ``DEIDENTIFIED``.
    reason_code, reason : str
        Empty if the part was de-identified.
    data : bytes or None
        Bytes to write; ``None`` if there is nothing to write.
    mappings : tuple of PseudonymMapping
        HOLDS PHI.
    """

    status: Status
    reason_code: str = ""
    reason: str = ""
    data: bytes | None = field(default=None, repr=False)
    notes: tuple[NoteResult, ...] = ()
    mappings: tuple[PseudonymMapping, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class FilePartScan:
    """Texts and patients to look up before a part can be rewritten. HOLDS PHI: in memory only.

    Attributes
    ----------
    texts : frozenset of str
        Distinct texts for the text model.
    patients : frozenset of str
        Keys of the facts that the records need.
    """

    texts: frozenset[str] = field(default_factory=frozenset, repr=False)
    patients: frozenset[str] = field(default_factory=frozenset, repr=False)
