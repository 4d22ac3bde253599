"""Plain text: one note a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.formats.base import Format, Record, check_decoded, decode
from safelight.notes.gzip_files import unpacked_name
from safelight.notes.record_subject import PatientFrom, Subject
from safelight.records import Refusal


def named_patient(name: str, patient_from: PatientFrom) -> str:
    """The patient's ID in the name of a file or of its folder, if the user says it is there."""
    folder, _, base = unpacked_name(name).rpartition("/")
    return {
        "folder": folder.rpartition("/")[2],
        "name": base.rpartition(".")[0] or base,
    }.get(patient_from, "")


class PlainFormat(Format[str]):
    """The whole file is one text; its name is its ID and may name the patient."""

    def records(self) -> Iterator[Record[str]]:
        text = decode(self.piece.data, self.encoding)
        try:
            check_decoded(text, self.encoding)
        except Refusal as refusal:
            yield Record(1, refusal=refusal)
        else:
            yield Record(1, text)

    def subject(self, value: str) -> Subject:
        named = named_patient(self.piece.name, self.options.patient_from)
        identity = self.options.identity(named) if named else ""
        return Subject(identity, (identity,) if identity else (), self.piece.name, patient_id=named)

    def walk(self, value: str, visitor: FieldVisitor) -> Optional[str]:
        cleaned = visitor.texts([value], ["text"])
        return cleaned[0] if cleaned is not None else None

    def encode(self, new: Optional[str]) -> bytes:
        return (new or "").encode(self.written_encoding, "replace")

    def join(self, records: Sequence[tuple[Optional[str], bytes]]) -> bytes:
        return records[0][1]
