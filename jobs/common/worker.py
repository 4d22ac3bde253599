"""What runs in a worker, for one task: fetch, scan, rebuild, write, and the rows about it.

Nothing of an object leaves by a log or an exception: whatever goes wrong becomes a row
with a reason code.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Optional

import pyarrow as pa

from jobs.common.engine import EngineSettings, engine
from jobs.common.fetching import Fetched, fetch_ahead
from jobs.common.isolation import in_child
from jobs.common.originals import Originals
from jobs.common.rows import RowSink
from jobs.common.storage import Written, put
from jobs.common.uris import parse_uri
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Result, Span, Status
from safelight.version import VERSION

#: Spans of a text by the keyed hash of the text.
Decisions = Mapping[str, Sequence[Span]]


@dataclass(frozen=True)
class Work:
    """One batch of one run, as workers see it.

    ``isolated`` asks for a process of its own for each object.
    """

    engine: EngineSettings
    output: str
    run_id: str
    batch: int
    rules_name: str
    isolated: bool
    structs: dict[str, pa.StructType] = field(compare=False, repr=False)


SCANNED = (
    "position INT, source_id STRING, uri STRING, size BIGINT, version STRING, replace BOOLEAN, "
    "scan BINARY, texts ARRAY<STRUCT<text_hmac: STRING, text: STRING>>"
)
LISTED = SCANNED.partition(", scan ")[0]


def failed(error: BaseException) -> Result:
    """The row of an object that met an error of ours: the class of the error, nothing else."""
    if isinstance(error, Refusal):
        return Result(error.status, error.reason.value, error.sentence)
    sentence = f"an internal error ({type(error).__name__}); please report it"
    return Result(Status.QUARANTINED, Reason.INTERNAL_ERROR.value, sentence)


def scan_task(work: Work, schema: pa.Schema) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """SCAN: sources in, pickled scans and their texts out."""

    def scan(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = work.engine.pseudonyms()
        for fetched in fetch_ahead(batches):
            outcome: Any
            try:
                outcome = _call(work, lambda data: engine(work.engine).scan(data), fetched)
                texts = sorted(outcome.texts)
            except Exception as error:
                outcome, texts = failed(error), []
            row = fetched.row | {
                "scan": pickle.dumps(outcome),
                "texts": [
                    {"text_hmac": names.hexdigest("text", text), "text": text} for text in texts
                ],
            }
            yield pa.RecordBatch.from_pylist([row], schema=schema)

    return scan


def write_task(
    work: Work, decisions: Optional[Callable[[], Decisions]] = None
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """REBUILD and write: sources or scans in, rows of all tables out.

    Parameters
    ----------
    decisions : callable, optional
        Gives the spans of the batch's texts; without it objects go through in one pass.
    """

    def write(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        recorder = Recorder(work)
        spans = decisions() if decisions else None
        for fetched in fetch_ahead(batches):
            started = time.perf_counter()
            try:
                result = _process(work, fetched, spans, recorder.names)
                stored = recorder.write(result, fetched.row["replace"])
            except OutputError:
                raise
            except Exception as error:
                result, stored = failed(error), None
            recorder.record(fetched.row, result, stored, time.perf_counter() - started)
            if recorder.sink.full:
                yield from recorder.sink.flush()
        yield from recorder.sink.flush()

    return write


def _call(work: Work, step: Callable[[bytes], Any], fetched: Fetched) -> Any:
    """A step of the engine on the bytes of one source."""
    data = fetched.read()
    return in_child(lambda: step(data)) if work.isolated else step(data)


def _process(
    work: Work, fetched: Fetched, spans: Optional[Decisions], names: Pseudonyms
) -> Result:
    result: Result
    if spans is None:
        result = _call(work, lambda data: engine(work.engine).deidentify(data), fetched)
        return result
    scan = pickle.loads(fetched.row["scan"])  # our own, from an encrypted store
    if isinstance(scan, Result):
        return scan
    hashes = {text: names.hexdigest("text", text) for text in scan.texts}
    known = {text: spans[key] for text, key in hashes.items() if key in spans}
    result = _call(work, lambda data: engine(work.engine).rebuild(data, scan, known), fetched)
    return result


@dataclass(frozen=True)
class Stored:
    """An object that stands in the output, or would if another did not stand there."""

    uri: str
    size: int
    sha256: str
    written: Written


class OutputError(Exception):
    """The output cannot be written; carries the class name of the cause and no path."""


class Recorder:
    """Writes objects and makes the rows about them."""

    def __init__(self, work: Work):
        self.work = work
        self.names = work.engine.pseudonyms()
        self.sink = RowSink(work.structs)
        self._originals = Originals(self.sink, self.names, (work.run_id, work.batch))
        self._output = parse_uri(work.output)

    def write(self, result: Result, replace: bool) -> Optional[Stored]:
        """Write the object of a result, if it has one.

        Raises
        ------
        OutputError
            If the output takes no objects: then the run must fail, not the object.
        """
        if result.status is not Status.DEIDENTIFIED or result.data is None:
            return None
        name = f"{result.study_uid}/{result.series_uid}/{result.sop_uid}.dcm"
        uri = self._output.child(name).uri
        sha256 = hashlib.sha256(result.data).hexdigest()
        try:
            written = put(uri, result.data, sha256, replace)
        except Exception as error:  # OSError or one of botocore's: both name the path
            raise OutputError(type(error).__name__) from None
        return Stored(uri, len(result.data), sha256, written)

    def record(
        self, row: dict[str, Any], result: Result, stored: Optional[Stored], seconds: float
    ) -> None:
        """Rows of every table about one object."""
        work, sink = self.work, self.sink
        where = (work.run_id, work.batch, row["source_id"])
        self._originals.add_source(row)
        sink.add(
            "instances",
            (
                *where,
                row["size"],
                result.status.value,
                result.reason_code,
                result.reason,
                stored.uri if stored else None,
                stored.size if stored else None,
                stored.sha256 if stored else None,
                result.sop_class_uid,
                result.modality,
                result.transfer_syntax_in,
                result.transfer_syntax_out,
                result.patient_pseudonym,
                result.study_uid,
                result.series_uid,
                result.sop_uid,
                work.engine.rules_hash,
                work.rules_name,
                work.engine.namespace,
                self.names.key_id,
                work.engine.stages,
                self._output.uri,
                VERSION,
                datetime.now(timezone.utc),
                seconds,
                row["position"],
                stored.written.value if stored else None,
            ),
        )
        if stored:
            self._details(where, result, stored.uri)

    def _details(self, where: tuple[Any, ...], result: Result, uri: str) -> None:
        sink, sop_uid = self.sink, result.sop_uid
        sink.add_actions((*where, sop_uid), result.actions)
        for f in result.findings:
            box = list(f.box) if f.box else None
            sink.add(
                "findings",
                (*where, sop_uid, f.location, f.entity, f.engine, f.confidence, box, f.frame)
                + (f.text_hmac,),
            )
        known = {
            "patient_pseudonym": result.patient_pseudonym,
            "study_uid": result.study_uid,
            "series_uid": result.series_uid,
            "sop_uid": sop_uid,
            "sop_class_uid": result.sop_class_uid,
            "output_uri": uri,
        }
        values = result.catalog | known
        columns = [column.name for column in self.work.structs["catalog"]][len(where) :]
        sink.add("catalog", (*where, *(values.get(column) for column in columns)))
        self._originals.add_pairs(result.mappings)
