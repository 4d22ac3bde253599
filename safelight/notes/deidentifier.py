"""Notes through all of it: read the records, find, replace, write them anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional

from safelight.base_deidentifier import BaseDeidentifier
from safelight.notes.field_cleaner import Scrubber, TextCollector
from safelight.notes.formats import Format, Piece, Record, open_format
from safelight.notes.models import (
    Facts,
    NoteResult,
    PatientFacts,
    PieceResult,
    PieceScan,
    Spans,
)
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.records import Annotate, PseudonymMapping, Refusal, Status
from safelight.rules import RuleSet
from safelight.text.generalization import oldest_birth_year
from safelight.text.known.known_phi import KnownPHI, KnownValue

#: Matchers of patients that a worker keeps: notes of one patient stand together as a rule.
_REMEMBERED = 64


class NotesDeidentifier(BaseDeidentifier):
    """De-identifies notes and records, with no Spark and no cloud.

    Parameters
    ----------
    rules, key, namespace, text, annotate
        See :class:`safelight.base_deidentifier.BaseDeidentifier`.
    options : NotesOptions
        What is to be said of the input.
    year : int, optional
        The year of the run: birth years more than 90 years before it are one class, as ages over
        89 are (45 CFR 164.514(b)(2)(i)(C)).
    """

    def __init__(
        self,
        rules: str | RuleSet = "research",
        *,
        key: bytes,
        namespace: str = "default",
        text: bool = True,
        options: Optional[NotesOptions] = None,
        annotate: Optional[Annotate] = None,
        year: Optional[int] = None,
    ):
        super().__init__(rules, key=key, namespace=namespace, text=text, annotate=annotate)
        self.oldest_birth_year = oldest_birth_year(year)
        self.options = replace(
            options or NotesOptions(), issuer_in_identity=self.rules.issuer_in_identity
        )
        self._matchers: dict[tuple[KnownValue, ...], KnownPHI] = {}

    def deidentify(self, piece: Piece, facts: Optional[Facts] = None) -> PieceResult:
        """De-identify one file, or a piece of one. Bad input gives a quarantined result."""
        scan = self.scan(piece)
        try:
            spans = self.annotate_texts(scan.texts)
        except Exception as error:  # a model of the user's: whatever it raises, fail closed
            return _failed_piece(error)
        return self.rebuild(piece, spans, facts)

    def scan(self, piece: Piece) -> PieceScan:
        """Gather the texts to annotate and the patients to look up."""
        collector = TextCollector(self.rules.pixels.engine)
        patients: set[str] = set()
        try:
            document: Format[Any] = open_format(piece, self.options)
            for record in document.records():
                if record.refusal is not None:
                    continue
                try:
                    patients.update(document.subject(record.value).keys)
                    if self.text:
                        document.walk(record.value, collector)
                except Exception:  # told by ``rebuild``, which meets it again
                    continue
        except Exception:  # as above
            pass
        return PieceScan(frozenset(collector.found), frozenset(patients))

    def facts(self, piece: Piece) -> dict[str, PatientFacts]:
        """What a piece says of patients that other pieces may speak of."""
        try:
            return open_format(piece, self.options).facts()
        except Exception:  # told by ``rebuild``
            return {}

    def rebuild(
        self, piece: Piece, spans: Optional[Spans], facts: Optional[Facts] = None
    ) -> PieceResult:
        """Write a piece anew.

        Parameters
        ----------
        piece : Piece
            The same that was scanned.
        spans : mapping or None
            PHI of each of the scanned texts; ``None`` if no text model was used: then text is
            removed whole.
        facts : mapping, optional
            What is known of patients.
        """
        if not self.text:
            spans = None
        try:
            document: Format[Any] = open_format(piece, self.options)
            everything = {**document.facts()}
            for key, found in (facts or {}).items():
                there = everything.get(key, PatientFacts(""))
                everything[key] = PatientFacts(
                    found.identity or there.identity, there.known + found.known
                )
            written: list[tuple[Any, bytes]] = []
            notes: list[NoteResult] = []
            mappings: dict[PseudonymMapping, None] = {}
            for record in document.records():
                note = self._note(document, record, spans, everything, written, mappings)
                notes.append(note)
            # A table without rows is a table; where all records were refused nothing is written.
            data = document.join(written) if written or not notes else None
            return PieceResult(Status.DEIDENTIFIED, "", "", data, tuple(notes), tuple(mappings))
        except Exception as error:
            return _failed_piece(error)

    def _note(
        self,
        document: Format[Any],
        record: Record[Any],
        spans: Optional[Spans],
        facts: Facts,
        written: list[tuple[Any, bytes]],
        mappings: dict[PseudonymMapping, None],
    ) -> NoteResult:
        note_id = patient_pseudonym = ""
        try:
            if record.refusal is not None:
                raise record.refusal
            subject = document.subject(record.value)
            identity, known = self._about(subject, facts, document.piece, record.row)
            patient = self.pseudonyms.patient(identity)
            patient_pseudonym = patient.pseudonym
            own = subject.note_id or f"{document.piece.name}\x1f{record.row}"
            note_id = self.pseudonyms.token("note_id", own)
            scrubber = Scrubber(
                self.rules, self.pseudonyms, patient, self._matcher(known), spans,
                self.oldest_birth_year,
            )  # fmt: skip
            if subject.patient_id:
                scrubber.mappings.append(
                    PseudonymMapping(
                        "patient_id", subject.patient_id, patient_pseudonym, patient_pseudonym
                    )
                )
            new = document.walk(record.value, scrubber)
            encoded = document.encode(new)
        except Exception as error:
            refusal = Refusal.from_exception(error)
            return NoteResult(
                record.row, Status.QUARANTINED, refusal.reason.value, refusal.sentence, note_id,
                patient_pseudonym,
            )  # fmt: skip
        written.append((new, encoded))
        mappings.update(dict.fromkeys(scrubber.mappings))
        return NoteResult(
            record.row,
            Status.DEIDENTIFIED,
            note_id=note_id,
            patient_pseudonym=patient_pseudonym,
            chars_in=scrubber.chars_in,
            chars_out=scrubber.chars_out,
            sha256=hashlib.sha256(encoded).hexdigest(),
            findings=tuple(scrubber.findings),
        )

    def _about(
        self, subject: Subject, facts: Facts, piece: Piece, row: int
    ) -> tuple[str, tuple[KnownValue, ...]]:
        """The identity of a record's patient, and all that is known to look for.

        A record that names no patient stands for itself: it shares its date shift with none.
        """
        found = [facts[key] for key in subject.keys if key in facts]
        identity = subject.identity or next((fact.identity for fact in found if fact.identity), "")
        identity = identity or subject.fallback or f"note\x1f{piece.name}\x1f{row}"
        known = dict.fromkeys(subject.known)
        for fact in found:
            known.update(dict.fromkeys(fact.known))
        if not identity.startswith("note\x1f"):
            known[KnownValue("ID", identity.partition("\x1f")[0], "MRN")] = None
        return identity, tuple(known)

    def _matcher(self, known: Sequence[KnownValue]) -> KnownPHI:
        key = tuple(known)
        matcher = self._matchers.get(key)
        if matcher is None:
            if len(self._matchers) >= _REMEMBERED:
                self._matchers.clear()
            matcher = self._matchers[key] = KnownPHI(key)
        return matcher


def _failed_piece(error: Exception) -> PieceResult:
    """Return the result of a piece that was refused or met an unexpected error."""
    refusal = Refusal.from_exception(error)
    return PieceResult(Status.QUARANTINED, refusal.reason.value, refusal.sentence)
