"""Patient, note ID and known values of one record."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.text.known.known_phi import KnownValue


@dataclass(frozen=True)
class RecordSubject:
    """The patient of one record and the PHI that the record states. HOLDS PHI.

    Attributes
    ----------
    identity : str
        See :func:`safelight.headers.patient_identity.make_patient_identity`; empty if the
        record does not name its patient.
    keys : tuple of str
        Keys of the facts about this patient, the best one first.
    note_id : str
        ID of the record itself; empty if it has none.
    known : tuple of KnownValue
        PHI that the record states of the patient and of other persons.
    fallback : str
        Identity to use if no fact gives one.
    patient_id : str
        Patient ID, if no field that is rewritten contains it.
    """

    identity: str = ""
    keys: tuple[str, ...] = ()
    note_id: str = ""
    known: tuple[KnownValue, ...] = ()
    fallback: str = ""
    patient_id: str = ""
