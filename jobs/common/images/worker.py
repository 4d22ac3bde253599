"""Process the sources of one task in a worker: read, scan, rebuild, write, record.

Nothing of an object leaves through a log or an exception: every error becomes a row with a
reason code.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from jobs.common.images.recorder import ObjectRecorder
from jobs.common.images.tasks import (
    BatchContext,
    ScannedItem,
    ScanOutcome,
    SourceItem,
    decode_scan,
    encode_scan,
)
from jobs.common.run.annotations import Annotations, HashedText
from jobs.common.run.outputs import OutputError
from jobs.common.spark.deidentifier_factory import get_deidentifier
from jobs.common.spark.object_limits import is_repeated_task, run_limited
from jobs.common.spark.row_buffer import Payload
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object
from jobs.common.storage.prefetch import ByteRange, Fetched, fetch_ahead
from safelight.pseudonyms import Pseudonyms
from safelight.records import Refusal, Result

if TYPE_CHECKING:
    from safelight import Deidentifier
    from safelight.deidentifier import SourceScan

#: Bytes that SCAN reads first of a large object on S3 whose pixels it does not need. A smaller
#: object is read whole at once, since a request costs more than its bytes.
HEADER_BYTES = 128 * 1024
LARGE_BYTES = 1024 * 1024

#: Rows after which a worker hands over its rows.
PAYLOAD_ROWS = 100_000

T = TypeVar("T")


def scan_task(
    context: BatchContext,
) -> Callable[[Iterable[SourceItem]], Iterator[ScannedItem]]:
    """Return the function of SCAN: it takes the sources of a task and yields their scans."""

    def scan(sources: Iterable[SourceItem]) -> Iterator[ScannedItem]:
        names = context.deidentifier.pseudonyms()
        for fetched in fetch_ahead(sources, partial(_scan_range, context)):
            outcome: ScanOutcome
            texts: list[str] = []
            try:
                outcome = _scan(context, fetched)
                texts = sorted(outcome.texts)
            except Exception as error:
                outcome = _failed_result(error)
            hashed = [HashedText(names.hexdigest("text", text), text) for text in texts]
            yield ScannedItem(fetched.item, encode_scan(outcome), hashed)
        freeze_loaded_objects()

    return scan


def deidentify_task(
    context: BatchContext,
) -> Callable[[Iterable[SourceItem]], Iterator[Payload]]:
    """Return the function of a batch without a text model: it takes the sources of a task.

    It writes the objects and yields the rows of all tables.
    """

    def deidentify(sources: Iterable[SourceItem]) -> Iterator[Payload]:
        def process(fetched: Fetched[SourceItem]) -> Result:
            return _call(context, fetched.read, lambda engine, data: engine.deidentify(data))

        recorder = ObjectRecorder(context)
        for fetched in fetch_ahead(sources, _whole_range):
            _record(recorder, fetched.item, partial(process, fetched))
            if len(recorder.buffer) >= PAYLOAD_ROWS:
                yield recorder.buffer.take_payload()
        yield recorder.buffer.take_payload()
        freeze_loaded_objects()

    return deidentify


def rebuild_task(
    context: BatchContext, annotations: Callable[[], Annotations]
) -> Callable[[Iterable[ScannedItem]], Iterator[Payload]]:
    """Return the function of REBUILD: it takes the scans of a task.

    It writes the objects and yields the rows of all tables.

    Parameters
    ----------
    context : BatchContext
    annotations : callable
        Returns the spans of the texts of the batch.
    """

    def rebuild(scans: Iterable[ScannedItem]) -> Iterator[Payload]:
        recorder = ObjectRecorder(context)
        spans = annotations()
        for fetched in fetch_ahead(scans, lambda scanned: _whole_range(scanned.source)):
            process = partial(_rebuild, context, fetched, spans, recorder.names)
            _record(recorder, fetched.item.source, process)
            if len(recorder.buffer) >= PAYLOAD_ROWS:
                yield recorder.buffer.take_payload()
        yield recorder.buffer.take_payload()
        freeze_loaded_objects()

    return rebuild


@lru_cache(maxsize=1)
def freeze_loaded_objects() -> None:
    """Exclude the objects that this process has loaded from garbage collection.

    PySpark runs ``gc.collect()`` after each task; scanning loaded modules and tables costs more
    than the objects of a small task.
    """
    gc.collect()
    gc.freeze()


def _whole_range(source: SourceItem) -> ByteRange:
    return ByteRange(source.uri, source.version, source.size)


def _scan_range(context: BatchContext, source: SourceItem) -> ByteRange:
    """Return the bytes that SCAN reads first: mostly the header, if it is enough.

    That is so for a large object on S3 whose pixels are not checked. To read a local file twice
    costs nothing.
    """
    if context.deidentifier.pixels or source.size <= LARGE_BYTES:
        return _whole_range(source)
    if not parse_uri(source.uri).on_s3:
        return _whole_range(source)
    return ByteRange(source.uri, source.version, source.size, end=HEADER_BYTES)


def _scan(context: BatchContext, fetched: Fetched[SourceItem]) -> SourceScan:
    source = fetched.item
    if _scan_range(context, source).end is None:
        return _call(context, fetched.read, lambda engine, data: engine.scan(data))
    start = fetched.read()
    deidentifier = get_deidentifier(context.deidentifier, context.build)
    scan = deidentifier.scan_start(start, source.size)
    if scan is not None:
        return scan

    def read_whole() -> bytes:
        return start + read_object(source.uri, source.version, len(start), source.size)

    return _call(context, read_whole, lambda engine, data: engine.scan(data))


def _rebuild(
    context: BatchContext, fetched: Fetched[ScannedItem], spans: Annotations, names: Pseudonyms
) -> Result:
    scan = decode_scan(fetched.item.scan)
    if isinstance(scan, Result):
        return scan
    hashes = {text: names.hexdigest("text", text) for text in scan.texts}
    annotated = {text: spans[key] for text, key in hashes.items() if key in spans}
    return _call(context, fetched.read, lambda engine, data: engine.rebuild(data, scan, annotated))


def _record(recorder: ObjectRecorder, source: SourceItem, process: Callable[[], Result]) -> None:
    """Process one source, write its object and buffer its rows."""
    started = time.perf_counter()
    stored = None
    try:
        result = process()
        stored = recorder.write(result, source.replace)
    except OutputError:
        raise
    except Exception as error:
        result = _failed_result(error)
    recorder.record(source, result, stored, time.perf_counter() - started)


def _call(
    context: BatchContext, read: Callable[[], bytes], step: Callable[[Deidentifier, bytes], T]
) -> T:
    """Run a step of the de-identifier on the bytes of a source, within the limits of an object."""
    data = read()
    deidentifier = get_deidentifier(context.deidentifier, context.build)
    isolated = context.isolated or is_repeated_task()
    return run_limited(lambda: step(deidentifier, data), context.limits, isolated)


def _failed_result(error: Exception) -> Result:
    """Return the result of an object that was refused or met an unexpected error."""
    refusal = Refusal.from_exception(error)
    return Result(refusal.status, refusal.reason.value, refusal.sentence)
