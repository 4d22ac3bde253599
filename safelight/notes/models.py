"""What becomes of notes: records that the formats, the scrubber and the jobs share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from safelight.records import PseudonymMapping, Span, Status
from safelight.text.known.known_phi import KnownValue

#: Spans of the text model by the text.
Spans = Mapping[str, Sequence[Span]]


@dataclass(frozen=True)
class PatientFacts:
    """What is known of one patient beyond the record at hand. HOLDS PHI.

    Attributes
    ----------
    identity : str
        See ``headers.identity.patient_identity``.
    known : tuple of KnownValue
    """

    identity: str
    known: tuple[KnownValue, ...] = ()


#: Facts by key: an identity, or ``fhir_key`` of a resource's id.
Facts = Mapping[str, PatientFacts]


@dataclass(frozen=True)
class NoteFinding:
    """One row of ``notes_findings``. No PHI.

    Attributes
    ----------
    field : str
        Column, FHIR path or HL7v2 field.
    begin, end : int
        Code points, half open, of what stands in its place in the DE-IDENTIFIED field.
    action : str
        What was done with it.
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
    """What became of one note: a row, a resource, a message or a file of text. No PHI.

    Attributes
    ----------
    row : int
        Its number in the source, from 1.
    note_id : str
        Pseudonym.
    sha256 : str
        Of its bytes in the output; empty unless de-identified.
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
class PieceResult:
    """What became of a file, or of one piece of a large one.

    Attributes
    ----------
    status : Status
        ``QUARANTINED`` when nothing of it could be read; single notes may be refused in a
        piece that is ``DEIDENTIFIED``.
    data : bytes or None
        What to write.
    """

    status: Status
    reason_code: str = ""
    reason: str = ""
    data: bytes | None = None
    notes: tuple[NoteResult, ...] = ()
    mappings: tuple[PseudonymMapping, ...] = ()


@dataclass(frozen=True)
class PieceScan:
    """What must be looked up before a piece can be rewritten. HOLDS PHI: in memory only.

    Attributes
    ----------
    texts : frozenset of str
        Distinct texts for the text model.
    patients : frozenset of str
        Keys of the facts that are wanted.
    """

    texts: frozenset[str] = field(default_factory=frozenset, repr=False)
    patients: frozenset[str] = field(default_factory=frozenset, repr=False)
