"""Verify notes in the workers: files against rows, files alone, records against originals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.spark.object_limits import ObjectLimits, is_repeated_task, run_limited
from jobs.common.storage.objects import read_object
from jobs.common.verification.stages import CHECK
from safelight.pseudonyms import Pseudonyms
from safelight.records import Refusal
from safelight.verify import Check, ConsistencyLink, Defect
from safelight.verify.note_reader import NoteRecord, detect_format
from safelight.verify.notes import NotesVerifier
from safelight.verify.object_reader import UnreadableError


@dataclass(frozen=True)
class NoteOutput:
    """One output file, which holds one piece of a source.

    Attributes
    ----------
    uri, version : str
        Location and listed version.
    piece : int
        Number of the piece.
    sha256 : str
        SHA-256 of its row.
    notes : int
        Number of records that its row states.
    """

    uri: str
    version: str
    piece: int
    sha256: str
    notes: int


@dataclass(frozen=True)
class NoteCheck:
    """All outputs of one source. ``original`` MAY HOLD PHI: it never leaves the worker.

    Attributes
    ----------
    outputs : tuple of NoteOutput
        Files by piece.
    rows : tuple of int
        Numbers of the source's records that were written.
    original, original_version : str
        URI and version of the source; empty if originals are not compared.
    """

    outputs: tuple[NoteOutput, ...]
    rows: tuple[int, ...]
    original: str
    original_version: str


class NoteChecker:
    """Verify the notes of one partition and yield findings and links.

    Parameters
    ----------
    key : bytes
        Master key; empty if originals are not compared.
    namespace : str
        Namespace of the run.
    visible_entities : frozenset of str
        Entities that may be seen in notes.
    limits : ObjectLimits
        Time and memory of the check of the notes of one source.
    progress : ProgressAddress, optional
        Address for the progress.
    """

    def __init__(
        self,
        key: bytes,
        namespace: str,
        visible_entities: frozenset[str],
        limits: ObjectLimits,
        progress: ProgressAddress | None = None,
    ):
        self._progress = progress
        self._key = key
        self._namespace = namespace
        self._visible_entities = visible_entities
        self._limits = limits

    def _verifier(self) -> NotesVerifier:
        names = Pseudonyms(self._key, self._namespace) if self._key else None
        return NotesVerifier(names.subkey("verify") if names else b"", self._visible_entities)

    def __call__(
        self, checks: Iterable[NoteCheck]
    ) -> Iterator[tuple[str, Defect] | ConsistencyLink]:
        """Verify the notes of one partition."""
        verifier = self._verifier()
        for check in report_each(checks, self._progress, CHECK):
            run = partial(self._check_notes, verifier, check)
            try:
                yield from run_limited(run, self._limits, is_repeated_task())
            except Refusal as refusal:
                detail = f"cannot be checked: {refusal.sentence}"
                yield check.outputs[0].uri, table_defect(detail)

    def _check_notes(
        self, verifier: NotesVerifier, check: NoteCheck
    ) -> list[tuple[str, Defect] | ConsistencyLink]:
        return list(self._check_source(verifier, check))

    def check_table_rows(self, uri: str, rows: Iterable[str]) -> Iterator[tuple[str, Defect]]:
        """Yield the findings in rows of a Delta table, given as JSON.

        Parameters
        ----------
        uri : str
            URI of the table, reported with each finding.
        rows : iterable of str
            Rows of one partition, each a JSON object.

        Yields
        ------
        tuple of str and Defect
            URI of the table and one finding.

        Raises
        ------
        UnreadableError
            If a row cannot be parsed.
        """
        verifier = self._verifier()
        for text in rows:
            for row in verifier.read(text.encode(), "jsonl"):
                for defect in verifier.check_record(row):
                    yield uri, defect

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
