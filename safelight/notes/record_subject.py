"""Whom a record is about, and how a piece of work is put to the formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from safelight.headers.patient_identity import make_patient_identity
from safelight.notes.file_encodings import AUTO
from safelight.text.known.known_phi import KnownValue

#: Where the patient's ID of a plain text file stands.
PatientFrom = Literal["none", "folder", "name"]


@dataclass(frozen=True)
class NotesOptions:
    """What the user says of the input.

    Attributes
    ----------
    text_columns : tuple of str
        Columns that hold free text whatever their name says.
    patient_column, note_column : str
        Empty: the first one that the table of columns knows.
    columns : tuple of pairs
        Column name and its action; wins over the table of columns.
    issuer : str
        Issuer of the patient IDs, where the input does not say.
    issuer_in_identity : bool
        As in the rules: whether the issuer tells patients with the same ID apart.
    patient_from : str
        For plain text files: the name of the folder or of the file is the patient's ID.
    delimiter : str
        Of CSV files; empty: as the file shows, a tab in ``.tsv``.
    encoding : str
        Of plain text, CSV, JSON and HL7 v2; ``auto``: see ``encodings.encoding_of``.
    """

    text_columns: tuple[str, ...] = ()
    patient_column: str = ""
    note_column: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    issuer: str = ""
    issuer_in_identity: bool = True
    patient_from: PatientFrom = "none"
    delimiter: str = ""
    encoding: str = AUTO

    def identity(self, patient_id: str, issuer: str = "") -> str:
        """The identity of a patient, as images have it."""
        if not self.issuer_in_identity:
            return make_patient_identity(patient_id)
        return make_patient_identity(patient_id, issuer or self.issuer)


@dataclass(frozen=True)
class Subject:
    """Whom a record is about. PHI.

    Attributes
    ----------
    identity : str
        See ``headers.identity.patient_identity``; empty if the record does not say.
    keys : tuple of str
        Keys of facts about this patient, the best first.
    note_id : str
        The record's own ID; empty if it has none.
    known : tuple of KnownValue
        What the record itself says of the patient and of others.
    fallback : str
        The identity if no fact names one.
    patient_id : str
        The patient's ID, where no field of the record is rewritten that holds it.
    """

    identity: str = ""
    keys: tuple[str, ...] = ()
    note_id: str = ""
    known: tuple[KnownValue, ...] = ()
    fallback: str = ""
    patient_id: str = ""
