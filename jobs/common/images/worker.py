"""What runs in a worker, for one task: read_object, scan, rebuild, write, and the rows about it.

Nothing of an object leaves by a log or an exception: whatever goes wrong becomes a row
with a reason code.
"""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple, Optional

from jobs.common.images.recorder import BatchContext, Recorder
from jobs.common.run.outputs import OutputError
from jobs.common.spark.crash_isolation import run_in_child_process
from jobs.common.spark.deidentifier_factory import get_deidentifier
from jobs.common.spark.row_buffer import Payload
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object
from jobs.common.storage.prefetch import Fetched, fetch_ahead
from safelight.pseudonyms import Pseudonyms
from safelight.records import Refusal, Result, Span

#: Spans of a text by the keyed hash of the text.
Decisions = Mapping[str, Sequence[Span]]

#: What is read first of a large object on S3 of which only the header is wanted. Of smaller ones
#: the whole comes as fast, since a request costs more than its bytes.
HEADER_BYTES = 128 * 1024
LARGE_BYTES = 1024 * 1024

#: Rows that a worker holds before it hands them over.
PAYLOAD_ROWS = 100_000


class SourceItem(NamedTuple):
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


def failed(error: BaseException) -> Result:
    """Return the result of an object that was refused or met an unexpected error."""
    refusal = Refusal.from_exception(error)
    return Result(refusal.status, refusal.reason.value, refusal.sentence)


def scan_task(
    context: BatchContext,
) -> Callable[[Iterable[SourceItem]], Iterator[tuple[SourceItem, Texts]]]:
    """SCAN: sources in; out with their scans and their texts."""

    def scan(sources: Iterable[SourceItem]) -> Iterator[tuple[SourceItem, Texts]]:
        names = context.deidentifier.pseudonyms()
        for fetched in fetch_ahead(map(partial(_wanted, context), sources)):
            outcome: Any
            try:
                outcome = _scan(context, fetched)
                texts = sorted(outcome.texts)
            except Exception as error:
                outcome, texts = failed(error), []
            row = {name: fetched.row[name] for name in SourceItem._fields}
            listed = SourceItem(**row | {"scan": pickle.dumps(outcome)})
            yield listed, [(names.hexdigest("text", text), text) for text in texts]
        keep_what_is_loaded()

    return scan


def _wanted(context: BatchContext, source: SourceItem) -> dict[str, Any]:
    """What SCAN reads of a source: of a large object on S3 whose pixels are not looked at, the
    beginning, with the whole header as a rule. A local file costs nothing to read twice."""
    row = source._asdict()
    if (
        not context.deidentifier.pixels
        and source.size > LARGE_BYTES
        and parse_uri(source.uri).on_s3
    ):
        row["end"] = HEADER_BYTES
    return row


def _scan(context: BatchContext, fetched: Fetched) -> Any:
    row = fetched.row
    if "end" not in row:
        return _call(
            context, lambda data: get_deidentifier(context.deidentifier).scan(data), fetched
        )
    start = fetched.read()
    outcome = get_deidentifier(context.deidentifier).scan_start(start, row["size"])
    if outcome is None:

        def whole() -> bytes:
            return start + read_object(row["uri"], row["version"], len(start), row["size"])

        outcome = _call(
            context,
            lambda data: get_deidentifier(context.deidentifier).scan(data),
            Fetched(row, whole),
        )
    return outcome


def write_task(
    context: BatchContext, decisions: Optional[Callable[[], Decisions]] = None
) -> Callable[[Iterable[SourceItem]], Iterator[Payload]]:
    """REBUILD and write: sources or scans in, rows of all tables out.

    Parameters
    ----------
    decisions : callable, optional
        Gives the spans of the batch's texts; without it objects go through in one pass.
    """

    def write(sources: Iterable[SourceItem]) -> Iterator[Payload]:
        recorder = Recorder(context)
        spans = decisions() if decisions else None
        for fetched in fetch_ahead(source._asdict() for source in sources):
            started = time.perf_counter()
            try:
                result = _process(context, fetched, spans, recorder.names)
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


def _call(context: BatchContext, step: Callable[[bytes], Any], fetched: Fetched) -> Any:
    """A step of the engine on the bytes of one source."""
    data = fetched.read()
    return run_in_child_process(lambda: step(data)) if context.isolated else step(data)


def _process(
    context: BatchContext, fetched: Fetched, spans: Optional[Decisions], names: Pseudonyms
) -> Result:
    result: Result
    if spans is None:
        result = _call(
            context, lambda data: get_deidentifier(context.deidentifier).deidentify(data), fetched
        )
        return result
    scan = pickle.loads(fetched.row["scan"])  # our own, from an encrypted store
    if isinstance(scan, Result):
        return scan
    hashes = {text: names.hexdigest("text", text) for text in scan.texts}
    known = {text: spans[key] for text, key in hashes.items() if key in spans}
    result = _call(
        context,
        lambda data: get_deidentifier(context.deidentifier).rebuild(data, scan, known),
        fetched,
    )
    return result
