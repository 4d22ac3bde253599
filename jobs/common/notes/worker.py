"""What runs in a worker for notes: scan pieces, gather facts, rewrite pieces."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from jobs.common.notes.pieces import LISTED, read_piece
from jobs.common.notes.recorder import NotesBatchContext, NotesRecorder
from jobs.common.spark.crash_isolation import run_in_child_process
from jobs.common.spark.deidentifier_factory import get_deidentifier
from jobs.common.storage.prefetch import Fetched, fetch_ahead, rows_of_batches
from safelight.notes.formats import describe_suffixes
from safelight.notes.models import FilePartResult, FilePartScan, PatientFacts
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Span, Status
from safelight.text.known.known_phi import KnownValue

SCANNED_COLUMNS = (
    f"{LISTED}, texts ARRAY<STRUCT<text_hmac: STRING, text: STRING>>, patients ARRAY<STRING>"
)
FACTS = (
    "key STRING, identity STRING, known ARRAY<STRUCT<entity: STRING, text: STRING, kind: STRING>>"
)


def scan_task(
    context: NotesBatchContext, schema: pa.Schema
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """SCAN: pieces in; their texts and patients out."""

    def scan(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = context.deidentifier.pseudonyms()
        for fetched in fetch_ahead(rows_of_batches(batches)):
            texts, patients = [], []
            if fetched.row["format"] and not fetched.row["conflict"]:
                try:
                    found = _run(context, partial(_scan, context, fetched))
                    texts, patients = sorted(found.texts), sorted(found.patients)
                except Refusal:  # told when the piece is written
                    pass
            row = fetched.row | {
                "texts": [{"text_hmac": names.hexdigest("text", t), "text": t} for t in texts],
                "patients": patients,
            }
            yield pa.RecordBatch.from_pylist([row], schema=schema)

    return scan


def _run(context: NotesBatchContext, function: Callable[[], Any]) -> Any:
    return run_in_child_process(function) if context.isolated else function()


def _scan(context: NotesBatchContext, fetched: Fetched) -> FilePartScan:
    found: FilePartScan = get_deidentifier(context.deidentifier).scan(
        read_piece(fetched.row, fetched.read())
    )
    return found


def facts_task(
    context: NotesBatchContext, schema: pa.Schema
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """What pieces say of patients that others may speak of."""

    def facts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for fetched in fetch_ahead(rows_of_batches(batches)):
            try:
                found = get_deidentifier(context.deidentifier).find_patient_facts(
                    read_piece(fetched.row, fetched.read())
                )
            except Refusal:  # told when the piece is written
                continue
            rows = [
                {"key": key, "identity": fact.identity, "known": [vars(v) for v in fact.known]}
                for key, fact in found.items()
                if not key.endswith("\x1f")  # of the only patient of this very piece
            ]
            if rows:
                yield pa.RecordBatch.from_pylist(rows, schema=schema)

    return facts


def _span(row: dict[str, Any]) -> Span:
    return Span(
        row["begin"], row["end"], row["entity"], row["engine"], row["confidence"],
        row["fine"] or "",
    )  # fmt: skip


class _Decided(Mapping[str, Sequence[Span]]):
    """Spans by text, of rows that have them by its keyed hash."""

    def __init__(self, rows: Iterable[dict[str, Any]], names: Pseudonyms):
        self._spans = {
            row["text_hmac"]: tuple(_span(span) for span in row["spans"] or ()) for row in rows
        }
        self._names = names

    def __getitem__(self, text: str) -> Sequence[Span]:
        return self._spans[self._names.hexdigest("text", text)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)


def write_task(context: NotesBatchContext) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """REBUILD and write: pieces with spans and facts in, rows of all tables out."""

    def write(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        recorder = NotesRecorder(context)
        for fetched in fetch_ahead(rows_of_batches(batches)):
            started = time.perf_counter()
            row = fetched.row
            try:
                result = _run(
                    context, partial(_rebuild, context, row, fetched.read, recorder.names)
                )
            except Refusal as refusal:
                result = FilePartResult(refusal.status, refusal.reason.value, refusal.sentence)
            stored = recorder.write(row, result)
            recorder.record(row, result, stored, time.perf_counter() - started)
            if recorder.sink.full:
                yield from recorder.sink.flush()
        yield from recorder.sink.flush()

    return write


def _rebuild(
    context: NotesBatchContext, row: dict[str, Any], read: Callable[[], bytes], names: Pseudonyms
) -> FilePartResult:
    if not row["format"]:
        raise Refusal(
            Reason.NOT_NOTES,
            f"the file is not a file of notes; their names end in {describe_suffixes()}",
            Status.FILTERED,
        )
    if row["conflict"]:
        raise Refusal(
            Reason.OUTPUT_CONFLICT,
            "the output has this file as other rules or options made it; give an output of its own",
        )
    spans = _Decided(row["spans"] or (), names) if context.deidentifier.text else None
    facts = {
        fact["key"]: PatientFacts(
            fact["identity"] or "",
            tuple(KnownValue(v["entity"], v["text"], v["kind"]) for v in fact["known"] or ()),
        )
        for fact in row["facts"] or ()
    }
    result: FilePartResult = get_deidentifier(context.deidentifier).rebuild(
        read_piece(row, read()), spans, facts
    )
    return result
