"""Verify notes in the workers: files against rows, files alone, records against originals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import Int32, decode_rows
from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.spark.object_limits import ObjectLimits, is_repeated_task, run_limited
from jobs.common.storage.objects import read_object
from jobs.common.verification.check_results import (
    CheckResult,
    encode_results,
    make_checked,
    make_finding,
    make_link,
    make_refusal_defect,
)
from jobs.common.verification.comparison_keys import ComparisonKeys
from jobs.common.verification.stages import CHECK
from safelight.records import Refusal
from safelight.verify import Check, ConsistencyLink, Defect
from safelight.verify.note_reader import NoteRecord, detect_format
from safelight.verify.notes import NotesVerifier
from safelight.verify.object_reader import UnreadableError


@dataclass(slots=True)
class NoteOutput:
    """One output file, which holds one piece of a source.

    Attributes
    ----------
    piece : int
        Number of the piece.
    uri, version : str
        Location and listed version.
    sha256 : str
        SHA-256 of its row.
    notes : int
        Number of records that its row states.
    """

    piece: Int32
    uri: str
    version: str
    sha256: str
    notes: int


@dataclass(slots=True)
class NoteCheck:
    """All outputs of one source. ``original`` MAY HOLD PHI: it never leaves the executors.

    Attributes
    ----------
    outputs : list of NoteOutput
        Files by piece.
    rows : list of int
        Numbers of the source's records that were written.
    original, original_version : str
        URI and version of the source; empty if originals are not compared.
    """

    outputs: list[NoteOutput]
    rows: list[int]
    original: str = ""
    original_version: str = ""

    def __repr__(self) -> str:
        """Return a representation without the URI of the original."""
        return f"NoteCheck({self.outputs!r})"


@dataclass(slots=True)
class TableRowText:
    """One row of a Delta table of notes, as JSON. It is de-identified."""

    json: str


class NoteChecker:
    """Verify the notes of one partition, as a function of ``mapInArrow``.

    Parameters
    ----------
    keys : ComparisonKeys
        Keys of the hashes.
    visible_entities : frozenset of str
        Entities that may be seen in notes.
    limits : ObjectLimits
        Time and memory of the check of the notes of one source.
    progress : ProgressAddress, optional
        Address for the progress.
    """

    def __init__(
        self,
        keys: ComparisonKeys,
        visible_entities: frozenset[str],
        limits: ObjectLimits,
        progress: Optional[ProgressAddress] = None,
    ):
        self._progress = progress
        self._keys = keys
        self._visible_entities = visible_entities
        self._limits = limits

    def _verifier(self) -> NotesVerifier:
        return NotesVerifier(self._keys.values, self._visible_entities, self._keys.links)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Verify the notes of one partition, given as rows of `NoteCheck`."""
        return encode_results(self.check(decode_rows(NoteCheck, batches)))

    def check(self, checks: Iterable[NoteCheck]) -> Iterator[CheckResult]:
        """Yield the results of the notes of sources."""
        verifier = self._verifier()
        for check in report_each(checks, self._progress, CHECK):
            run = partial(self._check_notes, verifier, check)
            compared = bool(check.original)
            try:
                yield from run_limited(run, self._limits, is_repeated_task())
            except Refusal as refusal:
                yield make_finding(check.outputs[0].uri, make_refusal_defect(refusal, "file"))
                compared = False
            for output in check.outputs:
                yield make_checked(output.uri, compared)

    def _check_notes(self, verifier: NotesVerifier, check: NoteCheck) -> list[CheckResult]:
        return [
            make_link(check.outputs[0].uri, found)
            if isinstance(found, ConsistencyLink)
            else make_finding(*found)
            for found in self._check_source(verifier, check)
        ]

    def check_table_rows(
        self, uri: str, batches: Iterable[pa.RecordBatch]
    ) -> Iterator[pa.RecordBatch]:
        """Yield the findings in rows of a Delta table, as a function of ``mapInArrow``.

        Parameters
        ----------
        uri : str
            URI of the table, reported with each finding.
        batches : iterable of pyarrow.RecordBatch
            Rows of one partition, given as rows of `TableRowText`.

        Yields
        ------
        pyarrow.RecordBatch
            Rows of `CheckResult`.

        Raises
        ------
        UnreadableError
            If a row cannot be parsed.
        """
        verifier = self._verifier()
        rows = (
            record
            for row in decode_rows(TableRowText, batches)
            for record in verifier.read(row.json.encode(), "jsonl")
        )
        return encode_results(
            make_finding(uri, defect) for row in rows for defect in verifier.check_record(row)
        )

    def _check_source(
        self, verifier: NotesVerifier, check: NoteCheck
    ) -> Iterator[tuple[str, Defect] | ConsistencyLink]:
        """Verify all outputs of one source."""
        written: list[NoteRecord] = []
        for output in check.outputs:
            try:
                data = read_object(output.uri, output.version)
                rows = verifier.read(data, detect_format(output.uri))
            except Refusal as refusal:
                yield output.uri, table_defect(refusal.sentence)
                return
            except UnreadableError as problem:
                detail = f"cannot be parsed ({problem})"
                yield output.uri, Defect(Check.UNREADABLE, "file", detail)
                return
            if hashlib.sha256(data).hexdigest() != output.sha256:
                yield output.uri, table_defect("differs from its row (SHA-256)")
            if len(rows) != output.notes:
                detail = f"has {len(rows)} records; its row says {output.notes}"
                yield output.uri, table_defect(detail)
            for defect in dict.fromkeys(d for row in rows for d in verifier.check_record(row)):
                yield output.uri, defect
            written += rows
        if check.original:
            yield from self._compare_with_original(verifier, check, written)

    def _compare_with_original(
        self, verifier: NotesVerifier, check: NoteCheck, written: list[NoteRecord]
    ) -> Iterator[tuple[str, Defect] | ConsistencyLink]:
        """Compare the records that were written with those of the original."""
        uri = check.outputs[0].uri
        try:
            data = read_object(check.original, check.original_version)
            by_number = {
                row.number: row for row in verifier.read(data, detect_format(check.original))
            }
        except (Refusal, UnreadableError):
            yield uri, table_defect("the original cannot be read, or has changed")
            return
        original = [by_number[number] for number in check.rows if number in by_number]
        if len(original) != len(written):
            yield uri, table_defect("has other records than the original and the rows state")
            return
        for found in verifier.compare(written, original):
            yield found if isinstance(found, ConsistencyLink) else (uri, found)


def table_defect(detail: str) -> Defect:
    """Return the defect of a file that disagrees with the tables."""
    return Defect(Check.TABLES, "file", detail)
