"""Options of a notes run: columns, patient IDs, encoding and delimiter of the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from safelight.headers.patient_identity import make_patient_identity
from safelight.notes.file_encodings import AUTO

#: Source of the patient ID of a plain text or document file.
PatientFrom = Literal["none", "folder", "name"]

#: Handling of fields of CSV files that may be formulas.
CsvFormulas = Literal["quote", "keep"]


# The job stores a hash of the ``repr`` of this class with each file, and compares it in later
# runs: a renamed class or attribute would make finished files look as if made by other options.
@dataclass(frozen=True)
class NotesOptions:
    """User settings that describe the input.

    Attributes
    ----------
    text_columns : tuple of str
        Columns of free text, whatever their names are.
    patient_column, note_column : str
        Columns of the patient ID and of the note ID; empty: the first that
        ``conf/notes/columns.yaml`` lists.
    columns : tuple of pairs
        Column name and action; overrides ``conf/notes/columns.yaml``.
    issuer : str
        Issuer of the patient IDs, where the input does not state it.
    issuer_in_identity : bool
        As in the rules: patients with the same ID and different issuers are different.
    patient_from : str
        For text and document files: the name of the folder or of the file is the patient ID.
    delimiter : str
        Delimiter of CSV files; empty: detected, or a tab for ``.tsv``.
    encoding : str
        Encoding of text, CSV, JSON and HL7 v2 files; ``auto``: UTF-8, UTF-16 with a byte order
        mark, or a Western encoding of one byte.
    csv_formulas : str
        ``quote``: an apostrophe is put before fields of CSV files that spreadsheets may run as
        formulas; ``keep``: these fields are unchanged.
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
    csv_formulas: CsvFormulas = "quote"

    @property
    def named_columns(self) -> frozenset[str]:
        """Return the columns that the user names; their names stay in the output."""
        named = {*self.text_columns, self.patient_column, self.note_column}
        return frozenset(named | {name for name, _ in self.columns})

    def identity(self, patient_id: str, issuer: str = "") -> str:
        """Return the identity of a patient, the same as for the patient's images.

        Parameters
        ----------
        patient_id : str
            Patient ID from the input.
        issuer : str
            Issuer of the patient ID from the input; by default the one of the options. It is
            ignored unless ``issuer_in_identity`` is set.

        Returns
        -------
        str
            Normalized identity. PHI.
        """
        if not self.issuer_in_identity:
            return make_patient_identity(patient_id)
        return make_patient_identity(patient_id, issuer or self.issuer)
