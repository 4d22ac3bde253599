"""Process the items of one task in a worker: read, scan, rebuild, write, record.

These are the functions of ``mapInArrow``. Nothing of an item leaves through a log or an exception:
every error becomes a row with a reason code.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Optional, TypeVar, Union

import pyarrow as pa

from jobs.common.delta.arrow_rows import decode_rows, encode_rows
from jobs.common.observe.progress_reporter import ProgressReporter
from jobs.common.run.annotation_macs import TEXT_PURPOSE
from jobs.common.run.annotations import StoredAnnotations, to_spans
from jobs.common.run.plugin import Annotations, Item, ItemScan, Plugin
from jobs.common.run.task_recorder import TaskRecorder
from jobs.common.run.work_items import (
    AnnotatedItem,
    BatchContext,
    FactsRow,
    HashedText,
    ScannedItem,
    TaskReport,
    TextSpans,
)
from jobs.common.spark.deidentifier_factory import get_deidentifier
from jobs.common.spark.object_limits import is_repeated_task, run_limited
from jobs.common.storage.objects import read_object
from jobs.common.storage.prefetch import Fetched, fetch_ahead
from safelight.notes.field_visitor import is_encodable
from safelight.notes.models import PatientFacts
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Span


class OcrSelfTestError(BaseException):
    """Raised if the OCR engine of a worker reads nothing, so that no object may be processed.

    No handler of ``Exception`` makes it the outcome of one object. The run fails.
    """


#: Function of a task over Arrow batches, for ``mapInArrow``.
ArrowTask = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]

#: Rows or bytes of scans after which SCAN yields a batch.
_SCAN_BATCH_ROWS = 100
_SCAN_BATCH_BYTES = 4 * 1024 * 1024

T = TypeVar("T")


def scan_task(plugin: Plugin[Any, Any, Any], context: BatchContext) -> ArrowTask:
    """Return the function of SCAN: it takes packed tasks and yields :class:`ScannedItem`.

    An item that is refused has no texts; REBUILD records the reason.

    Parameters
    ----------
    plugin : Plugin
    context : BatchContext
    """

    def scan(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = context.deidentifier.pseudonyms()
        items = unpack_items(plugin.item_type, batches)
        rows: list[ScannedItem] = []
        size = 0
        with ProgressReporter(context.progress, "SCAN", context.batch) as progress:
            for fetched in fetch_ahead(items, lambda item: plugin.scan_range(item, context)):
                found = _scan(plugin, context, fetched)
                rows.append(_encode_scan(fetched.item, found, names))
                progress.report(size=fetched.item.size)
                size += len(rows[-1].scanned) + sum(len(entry.text) for entry in rows[-1].texts)
                if len(rows) >= _SCAN_BATCH_ROWS or size >= _SCAN_BATCH_BYTES:
                    yield encode_rows(ScannedItem, rows)
                    rows, size = [], 0
        if rows:
            yield encode_rows(ScannedItem, rows)
        freeze_loaded_objects()

    return scan


def deidentify_task(plugin: Plugin[Any, Any, Any], context: BatchContext) -> ArrowTask:
    """Return the function of a batch without SCAN: it takes packed tasks.

    It writes the outputs and the rows, and yields a :class:`TaskReport`.

    Parameters
    ----------
    plugin : Plugin
    context : BatchContext
    """

    def deidentify(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        recorder = TaskRecorder(plugin, context)
        items = unpack_items(plugin.item_type, batches)
        with ProgressReporter(context.progress, "REBUILD", context.batch) as progress:
            for fetched in fetch_ahead(items, plugin.rebuild_range):
                process = partial(_rebuild, plugin, context, fetched, None, None, {})
                recorder.process(fetched.item, process)
                progress.report(size=fetched.item.size)
        yield encode_rows(TaskReport, [recorder.finish()])
        freeze_loaded_objects()

    return deidentify


def rebuild_task(
    plugin: Plugin[Any, Any, Any],
    context: BatchContext,
    annotations: Optional[Callable[[], StoredAnnotations]] = None,
) -> ArrowTask:
    """Return the function of REBUILD: it takes :class:`AnnotatedItem`.

    It writes the outputs and the rows, and yields a :class:`TaskReport`.

    Parameters
    ----------
    plugin : Plugin
    context : BatchContext
    annotations : callable, optional
        Returns the broadcast spans of the texts of the batch (default: each item has its own).
    """

    def rebuild(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        recorder = TaskRecorder(plugin, context)
        shared = annotations() if annotations is not None else None
        rows = map(_decode_scan, decode_rows(AnnotatedItem, batches))
        with ProgressReporter(context.progress, "REBUILD", context.batch) as progress:
            for fetched in fetch_ahead(rows, lambda row: plugin.rebuild_range(row.item)):
                row = fetched.item
                if isinstance(row.scan, Refusal):
                    process = partial(_raise, row.scan)
                else:
                    spans = _find_spans(context, recorder.names, row, shared)
                    facts = _to_facts(row.facts)
                    process = partial(_rebuild, plugin, context, fetched, row.scan, spans, facts)
                recorder.process(row.item, process)
                progress.report(size=row.item.size)
        yield encode_rows(TaskReport, [recorder.finish()])
        freeze_loaded_objects()

    return rebuild


def unpack_items(item_type: type[Item], batches: Iterable[pa.RecordBatch]) -> Iterator[Item]:
    """Yield the items of packed tasks.

    Parameters
    ----------
    item_type : type
        Row class of the items.
    batches : iterable of pyarrow.RecordBatch
        Column ``items``: Arrow streams of items.
    """
    for batch in batches:
        for packed in batch.column("items"):
            yield from decode_rows(item_type, pa.ipc.open_stream(packed.as_buffer()))


@lru_cache(maxsize=1)
def freeze_loaded_objects() -> None:
    """Exclude the objects that this process has loaded from garbage collection.

    PySpark runs ``gc.collect()`` after each task; scanning loaded modules and tables costs more
    than the objects of a small task.
    """
    gc.collect()
    gc.freeze()


@dataclass(slots=True, repr=False)
class _PendingItem:
    """One item before REBUILD, decoded. HOLDS PHI."""

    item: Any
    scan: Union[ItemScan, Refusal]
    spans: Optional[list[TextSpans]]
    facts: Optional[list[FactsRow]]


def _scan(
    plugin: Plugin[Any, Any, Any], context: BatchContext, fetched: Fetched[Any]
) -> Union[ItemScan, Refusal]:
    """Return the scan of an item, or why there is none."""
    item = fetched.item
    try:
        engine = get_deidentifier(context.deidentifier, plugin.build)
        data = fetched.read()
        found = _limit(context, lambda: plugin.scan(engine, item, data))
        if found is None:
            data += read_object(item.uri, item.version, len(data), item.size)
            found = _limit(context, lambda: plugin.scan(engine, item, data))
        assert isinstance(found, ItemScan), "all bytes are enough"
        return found
    except Exception as error:
        return Refusal.from_exception(error)


def _rebuild(
    plugin: Plugin[Any, Any, Any],
    context: BatchContext,
    fetched: Fetched[Any],
    scan: Optional[ItemScan],
    annotations: Annotations,
    facts: Mapping[str, PatientFacts],
) -> Any:
    """Return the outcome of an item."""
    engine = get_deidentifier(context.deidentifier, plugin.build)
    item = fetched.item.item if isinstance(fetched.item, _PendingItem) else fetched.item
    data = fetched.read()
    return _limit(context, lambda: plugin.rebuild(engine, item, data, scan, annotations, facts))


def _limit(context: BatchContext, function: Callable[[], T]) -> T:
    """Run a step of the engine within the limits of an object."""
    try:
        outcome = run_limited(function, context.limits, context.isolated or is_repeated_task())
    except Refusal as refusal:
        if refusal.reason is Reason.OCR_SELF_TEST:
            raise OcrSelfTestError from None
        raise
    if _has_failed_self_test(outcome):
        raise OcrSelfTestError
    return outcome


def _has_failed_self_test(outcome: object) -> bool:
    """Return whether a result, or the refusal that a scan holds, is about the OCR engine."""
    scan = getattr(outcome, "state", None) or outcome
    refused = getattr(scan, "refusal", None) or scan
    return getattr(refused, "reason_code", "") == Reason.OCR_SELF_TEST.value


def _raise(refusal: Refusal) -> Any:
    raise refusal


def _encode_scan(item: Any, found: Union[ItemScan, Refusal], names: Pseudonyms) -> ScannedItem:
    texts: Sequence[str] = ()
    references: Sequence[str] = ()
    kept = found
    if isinstance(found, ItemScan):
        # REBUILD refuses what cannot be encoded: it has no spans.
        texts = [text for text in found.texts if is_encodable(text)]
        references = [key for key in found.references if is_encodable(key)]
        kept = ItemScan(state=found.state)
    hashed = [HashedText(names.hexdigest(TEXT_PURPOSE, text), text) for text in texts]
    return ScannedItem(item.position, pickle.dumps((item, kept)), hashed, list(references))


def _decode_scan(row: AnnotatedItem) -> _PendingItem:
    item, scan = pickle.loads(row.scanned)  # from an encrypted store of this run
    return _PendingItem(item, scan, row.spans, row.facts)


def _find_spans(
    context: BatchContext,
    names: Pseudonyms,
    row: _PendingItem,
    shared: Optional[StoredAnnotations],
) -> Annotations:
    """Return the spans of the texts of an item; ``None`` if the text stage is off."""
    if not context.deidentifier.text:
        return None
    if shared is not None:
        return _SpansByText(shared, names)
    return _SpansByText(
        {entry.text_hmac: to_spans(entry.spans) for entry in row.spans or ()}, names
    )


def _to_facts(rows: Optional[list[FactsRow]]) -> dict[str, PatientFacts]:
    return {row.key: PatientFacts(row.identity or "", tuple(row.known or ())) for row in rows or ()}


class _SpansByText(Mapping[str, Sequence[Span]]):
    """Spans by text; they are stored by the keyed hash of the text."""

    def __init__(self, stored: StoredAnnotations, names: Pseudonyms):
        self._stored = stored
        self._names = names

    def __getitem__(self, text: str) -> Sequence[Span]:
        return self._stored[self._names.hexdigest(TEXT_PURPOSE, text)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)
