"""What runs in a worker for notes: scan pieces, rewrite them, and the rows about them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Optional

import pyarrow as pa

from jobs.common.engine import EngineSettings, engine
from jobs.common.fetching import fetch_ahead
from jobs.common.note_sources import LISTED, read_piece
from jobs.common.originals import Originals
from jobs.common.rows import RowSink
from jobs.common.storage import put
from jobs.common.uris import parse_uri
from jobs.common.worker import OutputError, Stored
from safelight.notes.engine import NotesDeidentifier
from safelight.notes.outcome import PatientFacts, PieceResult
from safelight.notes.subject import NotesOptions
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Span, Status
from safelight.rules import RuleSet
from safelight.text.known import KnownValue
from safelight.version import VERSION

SCANNED = (
    f"{LISTED}, texts ARRAY<STRUCT<text_hmac: STRING, text: STRING>>, patients ARRAY<STRING>"
)
FACTS = (
    "key STRING, identity STRING, "
    "known ARRAY<STRUCT<entity: STRING, text: STRING, kind: STRING>>"
)


@dataclass(frozen=True)
class NotesBuilder:
    """Makes the engine of a worker; two that are equal make the same one."""

    options: NotesOptions

    def __call__(
        self, rules: RuleSet, key: bytes, namespace: str, pixels: bool, text: bool
    ) -> NotesDeidentifier:
        return NotesDeidentifier(
            rules, key=key, namespace=namespace, text=text, options=self.options
        )


@dataclass(frozen=True)
class NotesWork:
    """One batch of one run, as workers see it."""

    engine: EngineSettings
    output: str
    run_id: str
    batch: int
    rules_name: str
    fields_hash: str
    structs: dict[str, pa.StructType] = field(compare=False, repr=False)


def scan_task(work: NotesWork, schema: pa.Schema) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """SCAN: pieces in; their texts and patients out."""

    def scan(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = work.engine.pseudonyms()
        for fetched in fetch_ahead(batches):
            texts, patients = [], []
            if fetched.row["format"] and not fetched.row["conflict"]:
                try:
                    found = engine(work.engine).scan(read_piece(fetched.row, fetched.read()))
                    texts, patients = sorted(found.texts), sorted(found.patients)
                except Refusal:  # told when the piece is written
                    pass
            row = fetched.row | {
                "texts": [{"text_hmac": names.hexdigest("text", t), "text": t} for t in texts],
                "patients": patients,
            }
            yield pa.RecordBatch.from_pylist([row], schema=schema)

    return scan


def facts_task(work: NotesWork, schema: pa.Schema) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """What pieces say of patients that others may speak of."""

    def facts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for fetched in fetch_ahead(batches):
            try:
                found = engine(work.engine).facts(read_piece(fetched.row, fetched.read()))
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


def write_task(work: NotesWork) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """REBUILD and write: pieces with spans and facts in, rows of all tables out."""

    def write(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        recorder = NotesRecorder(work)
        for fetched in fetch_ahead(batches):
            started = time.perf_counter()
            row = fetched.row
            try:
                result = _rebuild(work, row, fetched.read, recorder.names)
            except Refusal as refusal:
                result = PieceResult(refusal.status, refusal.reason.value, refusal.sentence)
            stored = recorder.write(row, result)
            recorder.record(row, result, stored, time.perf_counter() - started)
            if recorder.sink.full:
                yield from recorder.sink.flush()
        yield from recorder.sink.flush()

    return write


def _rebuild(
    work: NotesWork, row: dict[str, Any], read: Callable[[], bytes], names: Pseudonyms
) -> PieceResult:
    if not row["format"]:
        raise Refusal(
            Reason.NOT_NOTES,
            "this is no file of notes: their names end in .txt, .csv, .tsv, .json, .jsonl, "
            ".ndjson, .parquet or .hl7",
            Status.FILTERED,
        )
    if row["conflict"]:
        raise Refusal(
            Reason.OUTPUT_CONFLICT,
            "the output has this file as other rules or options made it; give an output of its own",
        )
    spans = _Decided(row["spans"] or (), names) if work.engine.text else None
    facts = {
        fact["key"]: PatientFacts(
            fact["identity"] or "",
            tuple(KnownValue(v["entity"], v["text"], v["kind"]) for v in fact["known"] or ()),
        )
        for fact in row["facts"] or ()
    }
    result: PieceResult = engine(work.engine).rebuild(read_piece(row, read()), spans, facts)
    return result


def table_name(uri: str, work: NotesWork, names: Pseudonyms) -> str:
    """What a Delta table is called in the output: the same in all its versions."""
    way = f"{work.engine.rules_hash}{work.engine.stages}{work.fields_hash}"
    return names.token("file", f"{uri}\n{way}", 24)


def table_parts(source_id: str, work: NotesWork, names: Pseudonyms) -> str:
    """The folder of its rows until they are a table."""
    return f".parts/{names.token('file', source_id, 24)}-{work.run_id}"


class NotesRecorder:
    """Writes pieces and makes the rows about them and their notes."""

    def __init__(self, work: NotesWork):
        self.work = work
        self.names = work.engine.pseudonyms()
        self.sink = RowSink(work.structs)
        self._originals = Originals(self.sink, self.names, (work.run_id, work.batch))
        self._output = parse_uri(work.output)

    def name(self, row: dict[str, Any], result: PieceResult) -> str:
        """Where a piece goes: source names carry PHI, so a pseudonym stands for them."""
        name = self.names.token("file", row["source_id"], 24)
        suffix = row["format"]
        if suffix == "delta":
            # Rows of a table: they become a table again once all of them are written.
            return f"{table_parts(row['source_id'], self.work, self.names)}/{row['piece']}.parquet"
        if suffix == "txt":
            return f"{result.notes[0].patient_pseudonym}/{name}.txt"
        if row["pieces"] > 1:
            return f"{name}/part-{row['piece']:05d}.{suffix}"
        return f"{name}.{suffix}"

    def write(self, row: dict[str, Any], result: PieceResult) -> Optional[Stored]:
        """Write the new piece, if there is one.

        Nothing that is committed stands at its name, or the piece would be done or refused;
        so what does stand there is of a run that was killed.

        Raises
        ------
        OutputError
            If the output takes no files: then the run must fail, not the piece.
        """
        if result.data is None:
            return None
        uri = self._output.child(self.name(row, result)).uri
        sha256 = hashlib.sha256(result.data).hexdigest()
        try:
            written = put(uri, result.data, sha256, True, "application/octet-stream")
        except Exception as error:  # OSError or one of botocore's: both name the path
            raise OutputError(type(error).__name__) from None
        if row["format"] == "delta":
            uri = self._output.child(table_name(row["uri"], self.work, self.names)).uri
        return Stored(uri, len(result.data), sha256, written)

    def record(
        self, row: dict[str, Any], result: PieceResult, stored: Optional[Stored], seconds: float
    ) -> None:
        """Rows of every table about one piece."""
        work, sink = self.work, self.sink
        where = (work.run_id, work.batch, row["source_id"])
        now = datetime.now(timezone.utc)
        self._originals.add_source(row)
        self._originals.add_pairs(result.mappings)
        for note in result.notes:
            place = (*where, row["piece"], note.row, note.note_id)
            written = note.status is Status.DEIDENTIFIED and stored is not None
            sink.add(
                "notes",
                (
                    *place,
                    note.patient_pseudonym,
                    note.status.value,
                    note.reason_code,
                    note.reason,
                    note.chars_in,
                    note.chars_out,
                    stored.uri if written and stored else None,
                    note.sha256 or None,
                    work.engine.rules_hash,
                    now,
                ),
            )
            for f in note.findings:
                sink.add(
                    "notes_findings",
                    (*place, f.field, f.entity, f.engine, f.confidence, f.action, f.begin, f.end)
                    + (f.text_hmac,),
                )
        sink.add(
            "note_files",
            (
                *where,
                row["piece"],
                row["pieces"],
                row["format"],
                row["size"],
                result.status.value,
                result.reason_code,
                result.reason,
                len(result.notes),
                sum(note.status is Status.QUARANTINED for note in result.notes),
                stored.uri if stored else None,
                stored.size if stored else None,
                stored.sha256 if stored else None,
                work.engine.rules_hash,
                work.rules_name,
                work.fields_hash,
                work.engine.namespace,
                self.names.key_id,
                work.engine.stages,
                self._output.uri,
                VERSION,
                now,
                seconds,
            ),
        )
