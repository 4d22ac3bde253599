"""Plain text files: one note a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.formats.base import InputRecord, NoteFormat, check_decoded, decode_part
from safelight.notes.gzip_files import name_without_gz
from safelight.notes.options import NotesOptions, PatientFrom
from safelight.notes.record_subject import RecordSubject
from safelight.records import Refusal


def patient_id_from_path(path: str, patient_from: PatientFrom) -> str:
    """Return the name of a file or of its folder, if the user says that it is the patient ID.

    Parameters
    ----------
    path : str
        URI of the file.
    patient_from : PatientFrom
        ``folder``, ``name`` (without the suffix) or ``none``.

    Returns
    -------
    str
        Patient ID (PHI); empty for ``none`` and for a path without a folder name.
    """
    folder, _, base = name_without_gz(path).rpartition("/")
    return {
        "folder": folder.rpartition("/")[2],
        "name": base.rpartition(".")[0] or base,
    }.get(patient_from, "")


def subject_from_path(
    path: str, options: NotesOptions, patient_id: Optional[str] = None
) -> RecordSubject:
    """Return the subject of a file that is one note; the path is the ID of the note.

    Parameters
    ----------
    path : str
        URI of the file.
    options : NotesOptions
    patient_id : str, optional
        Patient ID from the content of the file; by default the one in the path.
    """
    if patient_id is None:
        patient_id = patient_id_from_path(path, options.patient_from)
    identity = options.identity(patient_id) if patient_id else ""
    return RecordSubject(identity, (identity,) if identity else (), path, patient_id=patient_id)


class PlainTextFormat(NoteFormat[str]):
    """Plain text: the whole file is one text."""

    name = "txt"
    label = "plain text, one note a file"
    suffixes = ("txt", "text")
    is_single_note = True

    def read_records(self) -> Iterator[InputRecord[str]]:
        """Return the file as the only record."""
        text = decode_part(self.part.data, self.encoding)
        try:
            check_decoded(text, self.encoding)
        except Refusal as refusal:
            yield InputRecord(1, refusal=refusal)
        else:
            yield InputRecord(1, text)

    def find_subject(self, _value: str) -> RecordSubject:
        """Return the patient whose ID the path of the file contains, if the user says so."""
        return subject_from_path(self.part.name, self.options)

    def visit_record(self, value: str, visitor: FieldVisitor) -> Optional[str]:
        """Pass the text to the visitor.

        Parameters
        ----------
        value : str
            Text of the file.
        visitor : FieldVisitor
            Collects the text, or returns the new one.

        Returns
        -------
        str or None
            New text; ``None`` if the text is removed.

        Raises
        ------
        Refusal
            If the text cannot be cleaned.
        """
        cleaned = visitor.visit_text([value], ["text"])
        return cleaned[0] if cleaned is not None else None

    def encode_record(self, new: Optional[str]) -> bytes:
        """Return the bytes of the text; none if the text was removed."""
        return (new or "").encode(self.output_encoding, "replace")

    def join_records(self, records: Sequence[tuple[Optional[str], bytes]]) -> bytes:
        """Return the only text."""
        return records[0][1]
