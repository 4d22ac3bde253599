"""What runs in a worker, for one task: fetch, scan, rebuild, write, and the rows about it.

Nothing of an object leaves by a log or an exception: whatever goes wrong becomes a row
with a reason code.
"""

from __future__ import annotations

import errno
import gc
import hashlib
import pickle
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache, partial
from typing import Any, NamedTuple, Optional

import pyarrow as pa

from jobs.common import s3
from jobs.common.columns import arrow_schema
from jobs.common.engine import EngineSettings, engine
from jobs.common.fetching import Fetched, fetch_ahead
from jobs.common.isolation import in_child
from jobs.common.originals import Originals
from jobs.common.rows import Payload, RowSink
from jobs.common.schemas import TABLES, WORKER_COLUMNS
from jobs.common.storage import Written, fetch, put
from jobs.common.uris import parse_uri
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Result, Span, Status
from safelight.version import VERSION

#: Spans of a text by the keyed hash of the text.
Decisions = Mapping[str, Sequence[Span]]

#: What is read first of a large object on S3 of which only the header is wanted.
HEADER_BYTES = 128 * 1024

#: Rows that a worker holds before it hands them over.
PAYLOAD_ROWS = 100_000


class Listed(NamedTuple):
    """One source for a worker. ``uri`` MAY HOLD PHI.

    ``position`` is its place in the batch; ``replace`` says that its object may be written
    over another, of which no row speaks; ``scan`` is the pickled outcome of SCAN.
    """

    position: int
    source_id: str
    uri: str
    size: int
    version: str
    replace: bool
    scan: bytes = b""


#: Keyed hash and text.
Texts = list[tuple[str, str]]


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


def failed(error: BaseException) -> Result:
    """The row of an object that met an error of ours: the class of the error, nothing else."""
    if isinstance(error, Refusal):
        return Result(error.status, error.reason.value, error.sentence)
    sentence = f"an internal error ({type(error).__name__}); please report it"
    return Result(Status.QUARANTINED, Reason.INTERNAL_ERROR.value, sentence)


def scan_task(work: Work) -> Callable[[Iterable[Listed]], Iterator[tuple[Listed, Texts]]]:
    """SCAN: sources in; out with their scans and their texts."""

    def scan(sources: Iterable[Listed]) -> Iterator[tuple[Listed, Texts]]:
        names = work.engine.pseudonyms()
        for fetched in fetch_ahead(map(partial(_wanted, work), sources)):
            outcome: Any
            try:
                outcome = _scan(work, fetched)
                texts = sorted(outcome.texts)
            except Exception as error:
                outcome, texts = failed(error), []
            row = {name: fetched.row[name] for name in Listed._fields}
            listed = Listed(**row | {"scan": pickle.dumps(outcome)})
            yield listed, [(names.hexdigest("text", text), text) for text in texts]
        keep_what_is_loaded()

    return scan


def _wanted(work: Work, source: Listed) -> dict[str, Any]:
    """What SCAN reads of a source: of a large object on S3 whose pixels are not looked at, the
    beginning, with the whole header as a rule. A local file costs nothing to read twice."""
    row = source._asdict()
    if not work.engine.pixels and source.size > 2 * HEADER_BYTES and parse_uri(source.uri).on_s3:
        row["end"] = HEADER_BYTES
    return row


def _scan(work: Work, fetched: Fetched) -> Any:
    row = fetched.row
    if "end" not in row:
        return _call(work, lambda data: engine(work.engine).scan(data), fetched)
    start = fetched.read()
    outcome = engine(work.engine).scan_start(start, row["size"])
    if outcome is None:

        def whole() -> bytes:
            return start + fetch(row["uri"], row["version"], len(start), row["size"])

        outcome = _call(work, lambda data: engine(work.engine).scan(data), Fetched(row, whole))
    return outcome


def write_task(
    work: Work, decisions: Optional[Callable[[], Decisions]] = None
) -> Callable[[Iterable[Listed]], Iterator[Payload]]:
    """REBUILD and write: sources or scans in, rows of all tables out.

    Parameters
    ----------
    decisions : callable, optional
        Gives the spans of the batch's texts; without it objects go through in one pass.
    """

    def write(sources: Iterable[Listed]) -> Iterator[Payload]:
        recorder = Recorder(work)
        spans = decisions() if decisions else None
        for fetched in fetch_ahead(source._asdict() for source in sources):
            started = time.perf_counter()
            try:
                result = _process(work, fetched, spans, recorder.names)
                stored = recorder.write(result, fetched.row["replace"])
            except OutputError:
                raise
            except Exception as error:
                result, stored = failed(error), None
            recorder.record(fetched.row, result, stored, time.perf_counter() - started)
            if len(recorder.sink) >= PAYLOAD_ROWS:
                yield recorder.sink.payload()
        yield recorder.sink.payload()
        keep_what_is_loaded()

    return write


@lru_cache(maxsize=1)
def keep_what_is_loaded() -> None:
    """Tell the garbage collector to leave alone what this process has loaded by now.

    PySpark collects garbage after each task, and modules and tables take it longer than the
    objects of a small task take us.
    """
    gc.collect()
    gc.freeze()


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


@lru_cache(maxsize=1)
def worker_structs() -> dict[str, pa.StructType]:
    """The columns of what a worker hands over."""
    columns = TABLES | {"instances": f"{TABLES['instances']}, {WORKER_COLUMNS}"}
    return {table: pa.struct(list(arrow_schema(ddl))) for table, ddl in columns.items()}


class OutputError(Exception):
    """The output cannot be written; carries what the cause is called and no path."""


class Recorder:
    """Writes objects and makes the rows about them."""

    def __init__(self, work: Work):
        self.work = work
        self.names = work.engine.pseudonyms()
        self.sink = RowSink(worker_structs())
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
            code = errno.errorcode.get(getattr(error, "errno", None) or 0)
            raise OutputError(code or s3.error_code(error)) from None
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
        columns = [column.name for column in self.sink.structs["catalog"]][len(where) :]
        sink.add("catalog", (*where, *(values.get(column) for column in columns)))
        self._originals.add_pairs(result.mappings)
