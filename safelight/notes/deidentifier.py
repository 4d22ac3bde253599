"""De-identify clinical notes: read the records, find PHI, replace it, write them back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Optional

from safelight.base_deidentifier import BaseDeidentifier
from safelight.lookups import read_lookups
from safelight.notes.date_hints import DateCollector, DateHintTable
from safelight.notes.field_cleaner import FieldCleaner
from safelight.notes.formats import FilePart, InputRecord, NoteFormat, open_part
from safelight.notes.models import (
    EVERYONE,
    FactsByKey,
    FilePartResult,
    FilePartScan,
    NoteResult,
    PatientFacts,
    SpansByText,
)
from safelight.notes.options import NotesOptions
from safelight.notes.patient_lookup import make_patient_id_lookup
from safelight.notes.record_subject import RecordSubject
from safelight.notes.text_collector import TextCollector
from safelight.records import Annotate, PseudonymMapping, Refusal, Status
from safelight.rules import RuleSet
from safelight.rules.lookups import LookupRows
from safelight.rules.shift_lookup import make_shift_finder
from safelight.text.generalization import oldest_birth_year
from safelight.text.known.known_phi import KnownPHI, KnownValue

#: Matchers that a worker keeps; the notes of one patient are usually next to each other.
_MAX_CACHED_MATCHERS = 64
#: Prefix of the identity of a record whose patient is unknown.
_UNKNOWN_PATIENT = "note\x1f"


@dataclass
class _RewrittenRecords:
    """New records of a part, with their encoded bytes and their pseudonyms. HOLDS PHI."""

    records: list[tuple[Any, bytes]] = field(default_factory=list)
    mappings: dict[PseudonymMapping, None] = field(default_factory=dict)


class NotesDeidentifier(BaseDeidentifier):
    """De-identify notes and records without Spark and without a cloud.

    Parameters
    ----------
    rules : str, Path or RuleSet
        See :class:`safelight.base_deidentifier.BaseDeidentifier`, also for the key, the namespace,
        text and errors.
    key : bytes
    namespace : str
    text : bool
    options : NotesOptions
        Description of the input.
    annotate : Annotate, optional
        Text model.
    year : int, optional
        Year of the run, by default the current one. Birth years more than 90 years before it
        are generalized, as are ages over 89 (45 CFR 164.514(b)(2)(i)(C)).
    lookup_rows : mapping of str to LookupRows, optional
        Rows of the lookup tables of the rules (default: read from local files). PHI. A table
        that the rules use for the Patient ID is used for the patient IDs of records too.
    """

    def __init__(
        self,
        rules: str | Path | RuleSet = "research",
        *,
        key: bytes,
        namespace: str = "default",
        text: bool = True,
        options: Optional[NotesOptions] = None,
        annotate: Optional[Annotate] = None,
        year: Optional[int] = None,
        lookup_rows: Optional[Mapping[str, LookupRows]] = None,
    ):
        super().__init__(rules, key=key, namespace=namespace, text=text, annotate=annotate)
        self.oldest_birth_year = oldest_birth_year(year)
        options = options or NotesOptions()
        self.options = replace(
            options,
            issuer=options.issuer or self.rules.default_issuer,
            issuer_in_identity=self.rules.issuer_in_identity,
        )
        self._matchers: dict[
            tuple[tuple[int, ...], tuple[KnownValue, ...]],
            tuple[tuple[PatientFacts, ...], KnownPHI],
        ] = {}
        if self.rules.lookups and lookup_rows is None:
            lookup_rows = read_lookups(self.rules)
        self._arguments |= {"options": options, "year": year, "lookup_rows": lookup_rows}
        self.pseudonyms.use_shifts(make_shift_finder(self.rules, lookup_rows or {}))
        self._patient_ids = make_patient_id_lookup(self.rules, lookup_rows or {})

    def deidentify(self, part: FilePart, facts: Optional[FactsByKey] = None) -> FilePartResult:
        """De-identify one file, or one part of a file.

        Parameters
        ----------
        part : FilePart
        facts : mapping, optional
            Facts about patients from other files; see :meth:`find_patient_facts`.

        Returns
        -------
        FilePartResult
            Quarantined for bad input; this method does not raise.
        """
        try:
            scan = self.scan(part)
            spans = self.annotate_texts(scan.texts)
        except Exception as error:  # the user's text model may raise anything: fail closed
            return _failed_part(error)
        return self.rebuild(part, spans, facts)

    def scan(self, part: FilePart) -> FilePartScan:
        """Collect the texts to annotate and the patients to look up.

        Errors are ignored here, except for a lack of memory: :meth:`rebuild` meets and reports
        them.

        Parameters
        ----------
        part : FilePart

        Returns
        -------
        FilePartScan
            HOLDS PHI.
        """
        collector = TextCollector(self.rules.pixels.engine)
        patients = {EVERYONE}
        try:
            note_format = open_part(part, self.options)
            for record in note_format.read_records():
                if record.refusal is not None:
                    continue
                try:
                    patients.update(note_format.find_subject(record.value).keys)
                    if self.text:
                        note_format.visit_record(record.value, collector)
                except MemoryError:
                    raise
                except Exception:
                    continue
        except MemoryError:
            raise
        except Exception:
            pass
        return FilePartScan(frozenset(collector.texts), frozenset(patients))

    def find_patient_facts(self, part: FilePart) -> dict[str, PatientFacts]:
        """Return the facts about patients that a part states, for records of other files.

        Errors are ignored here: :meth:`rebuild` meets and reports them.

        Parameters
        ----------
        part : FilePart

        Returns
        -------
        dict of str to PatientFacts
            Facts by the identity of the patient. HOLDS PHI.
        """
        try:
            return open_part(part, self.options).find_patient_facts()
        except Exception:
            return {}

    def rebuild(
        self, part: FilePart, spans: Optional[SpansByText], facts: Optional[FactsByKey] = None
    ) -> FilePartResult:
        """Write the de-identified part.

        Parameters
        ----------
        part : FilePart
            The part that was scanned.
        spans : mapping or None
            Spans of each scanned text; ``None`` without a text model: all texts are then
            removed.
        facts : mapping, optional
            Facts about patients from other files.

        Returns
        -------
        FilePartResult
            Quarantined for bad input; this method does not raise.
        """
        if not self.text:
            spans = None
        try:
            note_format = open_part(part, self.options)
            all_facts = _merge_facts(note_format.find_patient_facts(), facts or {})
            hints = self._read_date_hints(part, spans, all_facts)
            rewritten = _RewrittenRecords()
            notes = [
                self._rebuild_record(note_format, record, spans, all_facts, hints, rewritten)
                for record in note_format.read_records()
            ]
            # A table without rows is written; a part with refused records only is not.
            has_output = bool(rewritten.records) or not notes
            data = note_format.join_records(rewritten.records) if has_output else None
            return FilePartResult(
                Status.DEIDENTIFIED, "", "", data, tuple(notes), tuple(rewritten.mappings)
            )
        except Exception as error:
            return _failed_part(error)

    def _read_date_hints(
        self, part: FilePart, spans: Optional[SpansByText], facts: FactsByKey
    ) -> DateHintTable:
        """Return the hints about the dates of the records; errors are met when they are rebuilt."""
        table = DateHintTable()
        if spans is None:
            return table
        note_format = open_part(part, self.options)
        for record in note_format.read_records():
            if record.refusal is not None:
                continue
            collector = DateCollector(spans)
            try:
                subject = note_format.find_subject(record.value)
                note_format.visit_record(record.value, collector)
            except MemoryError:
                raise
            except Exception:
                continue
            table.add(record.row, _resolve_patient(subject, facts, part, record.row)[0], collector)
        return table

    def _rebuild_record(
        self,
        note_format: NoteFormat[Any],
        record: InputRecord[Any],
        spans: Optional[SpansByText],
        facts: FactsByKey,
        hints: DateHintTable,
        rewritten: _RewrittenRecords,
    ) -> NoteResult:
        """Add the new record to ``rewritten`` and return its result."""
        part = note_format.part
        note_id = patient_pseudonym = ""
        try:
            if record.refusal is not None:
                raise record.refusal
            subject = note_format.find_subject(record.value)
            identity, found, own = _resolve_patient(subject, facts, part, record.row)
            patient = self.pseudonyms.patient(identity)
            patient_pseudonym = patient.pseudonym
            note_id = self.pseudonyms.token(
                "note_id", subject.note_id or f"{part.name}\x1f{record.row}"
            )
            cleaner = FieldCleaner(
                self.rules, self.pseudonyms, patient, self._matcher(found, own), spans,
                self.oldest_birth_year, self._patient_ids, hints.find(record.row, identity),
            )  # fmt: skip
            if subject.patient_id:
                cleaner.mappings.append(
                    PseudonymMapping(
                        "patient_id", subject.patient_id, patient_pseudonym, patient_pseudonym
                    )
                )
            new = note_format.visit_record(record.value, cleaner)
            encoded = note_format.encode_record(new)
        except Exception as error:
            refusal = Refusal.from_exception(error)
            return NoteResult(
                record.row, Status.QUARANTINED, refusal.reason.value, refusal.sentence, note_id,
                patient_pseudonym,
            )  # fmt: skip
        rewritten.records.append((new, encoded))
        rewritten.mappings.update(dict.fromkeys(cleaner.mappings))
        return NoteResult(
            record.row,
            Status.DEIDENTIFIED,
            note_id=note_id,
            patient_pseudonym=patient_pseudonym,
            chars_in=cleaner.chars_in,
            chars_out=cleaner.chars_out,
            sha256=hashlib.sha256(encoded).hexdigest(),
            findings=tuple(cleaner.findings),
        )

    def _matcher(self, found: Sequence[PatientFacts], own: tuple[KnownValue, ...]) -> KnownPHI:
        """Return the matcher of some facts and values, from the cache if possible.

        Facts are compared by their identity: those of one patient may be thousands of values. The
        cache holds them, so that no other facts get the same identity.
        """
        key = (tuple(map(id, found)), own)
        if key not in self._matchers:
            if len(self._matchers) >= _MAX_CACHED_MATCHERS:
                self._matchers.clear()
            values = dict.fromkeys(own)
            for fact in found:
                values.update(dict.fromkeys(fact.known))
            self._matchers[key] = tuple(found), KnownPHI(values)
        return self._matchers[key][1]


def _merge_facts(own: FactsByKey, others: FactsByKey) -> FactsByKey:
    """Merge the facts of a part with those of other files, which are preferred."""
    merged = {**own}
    for key, found in others.items():
        before = merged.get(key, PatientFacts(""))
        merged[key] = PatientFacts(found.identity or before.identity, before.known + found.known)
    return merged


def _resolve_patient(
    subject: RecordSubject, facts: FactsByKey, part: FilePart, row: int
) -> tuple[str, tuple[PatientFacts, ...], tuple[KnownValue, ...]]:
    """Return the identity of a record's patient, its facts, and values that they do not hold.

    A record that does not name a patient is its own patient, with a date shift of its own.
    """
    found = tuple(facts[key] for key in (*subject.keys, EVERYONE) if key in facts)
    identity = subject.identity or next((fact.identity for fact in found if fact.identity), "")
    identity = identity or subject.fallback or f"{_UNKNOWN_PATIENT}{part.name}\x1f{row}"
    own = dict.fromkeys(subject.known)
    if not identity.startswith(_UNKNOWN_PATIENT):
        own[KnownValue("ID", identity.partition("\x1f")[0], "MRN")] = None
    new = tuple(value for value in own if not any(value in fact.known_set for fact in found))
    return identity, found, new


def _failed_part(error: Exception) -> FilePartResult:
    """Return the result of a part that was refused or met an unexpected error."""
    refusal = Refusal.from_exception(error)
    return FilePartResult(Status.QUARANTINED, refusal.reason.value, refusal.sentence)
