"""Process pieces of notes in a worker: scan, gather facts, rebuild, write, record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import pyarrow as pa

from jobs.common.delta.arrow_rows import decode_rows, encode_rows, to_record
from jobs.common.notes.pieces import read_piece
from jobs.common.notes.recorder import NotesRecorder
from jobs.common.notes.tasks import (
    AnnotatedPiece,
    FactsRow,
    NotesBatchContext,
    NoteText,
    PieceItem,
    ScannedPiece,
    TextSpans,
)
from jobs.common.run.annotations import to_spans
from jobs.common.spark.deidentifier_factory import get_deidentifier
from jobs.common.spark.object_limits import is_repeated_task, run_limited
from jobs.common.storage.prefetch import ByteRange, Fetched, fetch_ahead
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import FilePart, describe_suffixes
from safelight.notes.models import FilePartResult, FilePartScan, PatientFacts
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Span, Status

#: Function of a task over Arrow batches, for ``mapInArrow``.
ArrowTask = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]

P = TypeVar("P", bound=PieceItem)
T = TypeVar("T")


def scan_task(context: NotesBatchContext) -> ArrowTask:
    """Return the function of SCAN: it takes rows of the listing and yields :class:`ScannedPiece`.

    A piece that is refused has no texts; REBUILD records the reason.
    """

    def scan(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = context.deidentifier.pseudonyms()
        for fetched in fetch_ahead(decode_rows(PieceItem, batches), _byte_range):
            piece = fetched.item
            found = FilePartScan()
            if piece.format and not piece.conflict:
                try:
                    found = _scan(context, fetched)
                except Exception as error:
                    refusal = Refusal.from_exception(error)
                    piece.reason_code, piece.reason = refusal.reason.value, refusal.sentence
            texts = [NoteText(names.hexdigest("text", t), t) for t in sorted(found.texts)]
            row = ScannedPiece(**to_record(piece), texts=texts, patients=sorted(found.patients))
            yield encode_rows(ScannedPiece, [row])

    return scan


def facts_task(context: NotesBatchContext) -> ArrowTask:
    """Return the function that takes rows of the listing and yields :class:`FactsRow`.

    The facts are known values of patients that other pieces may refer to. A piece that is
    refused has none; the reason is recorded in REBUILD.
    """

    def gather(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for fetched in fetch_ahead(decode_rows(PieceItem, batches), _byte_range):
            try:
                facts = _call(context, fetched, lambda engine, p: engine.find_patient_facts(p))
            except Exception:  # the piece is read again, and the error is recorded, in REBUILD
                continue
            rows = [
                FactsRow(key, fact.identity, list(fact.known))
                for key, fact in facts.items()
                if not key.endswith("\x1f")  # the only patient of this very piece
            ]
            if rows:
                yield encode_rows(FactsRow, rows)

    return gather


def rebuild_task(context: NotesBatchContext) -> ArrowTask:
    """Return the function of REBUILD: it takes :class:`AnnotatedPiece`.

    It writes the pieces and yields the combined output of all tables.
    """

    def rebuild(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        recorder = NotesRecorder(context)
        for fetched in fetch_ahead(decode_rows(AnnotatedPiece, batches), _byte_range):
            started = time.perf_counter()
            piece = fetched.item
            try:
                result = _rebuild(context, fetched, recorder.names)
            except Exception as error:
                refusal = Refusal.from_exception(error)
                result = FilePartResult(refusal.status, refusal.reason.value, refusal.sentence)
            stored = recorder.write(piece, result)
            recorder.record(piece, result, stored, time.perf_counter() - started)
            if recorder.buffer.is_full:
                yield from recorder.buffer.flush()
        yield from recorder.buffer.flush()

    return rebuild


def _byte_range(piece: PieceItem) -> ByteRange:
    return ByteRange(piece.uri, piece.version, piece.size, piece.begin, piece.end)


def _call(
    context: NotesBatchContext,
    fetched: Fetched[P],
    step: Callable[[NotesDeidentifier, FilePart], T],
) -> T:
    """Run a step of the de-identifier on a piece, within the limits of an object."""
    data = fetched.read()
    deidentifier = get_deidentifier(context.deidentifier, context.build)
    isolated = context.isolated or is_repeated_task()

    def run() -> T:
        return step(deidentifier, read_piece(fetched.item, data))

    return run_limited(run, context.limits, isolated)


def _scan(context: NotesBatchContext, fetched: Fetched[PieceItem]) -> FilePartScan:
    return _call(context, fetched, lambda engine, part: engine.scan(part))


def _rebuild(
    context: NotesBatchContext, fetched: Fetched[AnnotatedPiece], names: Pseudonyms
) -> FilePartResult:
    piece = fetched.item
    if not piece.format:
        raise Refusal(
            Reason.NOT_NOTES,
            f"the file is not a file of notes; their names end in {describe_suffixes()}",
            Status.FILTERED,
        )
    if piece.conflict:
        raise Refusal(
            Reason.OUTPUT_CONFLICT,
            "the output has this file under other rules or options; give a separate --output",
        )
    if piece.reason_code:
        raise Refusal(Reason(piece.reason_code), piece.reason)
    spans = _SpansByText(piece.spans or (), names) if context.deidentifier.text else None
    facts = {
        row.key: PatientFacts(row.identity or "", tuple(row.known or ()))
        for row in piece.facts or ()
    }
    return _call(context, fetched, lambda engine, part: engine.rebuild(part, spans, facts))


class _SpansByText(Mapping[str, Sequence[Span]]):
    """Spans by text; they are stored by the keyed hash of the text."""

    def __init__(self, rows: Iterable[TextSpans], names: Pseudonyms):
        self._spans = {row.text_hmac: to_spans(row.spans) for row in rows}
        self._names = names

    def __getitem__(self, text: str) -> Sequence[Span]:
        return self._spans[self._names.hexdigest("text", text)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)
