"""Process one batch in the cluster: SCAN, ANNOTATE, REBUILD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.delta.arrow_rows import arrow_schema, collect_rows, spark_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.observe.observer import Observer
from jobs.common.run.annotations import StoredAnnotations, annotate_batch
from jobs.common.run.plugin import Plugin
from jobs.common.run.run_config import RunConfig
from jobs.common.run.work_items import (
    BatchContext,
    ScannedItem,
    TaskReport,
)
from jobs.common.run.worker import ArrowTask, deidentify_task, rebuild_task, scan_task
from jobs.common.sources.packing import PackedTask, PackingLimits, pack_items, read_items
from jobs.common.spark.local_frames import blob_frame, one_partition_per_row
from jobs.common.spark.session import repeats_failed_tasks
from jobs.common.spark.worker_crash import is_worker_crash

if TYPE_CHECKING:
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

_ONE_TASK = PackingLimits(task_bytes=1 << 62, task_files=1 << 30, batch_tasks=1)

_NO_SPANS = "array<struct<text_hmac:string>>"
_NO_FACTS = "array<struct<key:string>>"


@dataclass(frozen=True)
class ProcessedBatch:
    """A batch whose outputs and data files are written, but not committed.

    Attributes
    ----------
    context : BatchContext
    reports : list of TaskReport
    tasks : tuple of PackedTask
        The packed tasks of the batch; empty if they came from a table of the input.
    """

    context: BatchContext
    reports: list[TaskReport]
    tasks: tuple[PackedTask, ...]


class _BatchSize(NamedTuple):
    """Tasks, objects and bytes of a batch; 0 if they are unknown."""

    tasks: int
    objects: int
    bytes: int


class BatchProcessor:
    """Processor of batches.

    Parameters
    ----------
    tables : Tables
    config : RunConfig
    plugin : Plugin
        Kind of the sources.
    observer : Observer

    Attributes
    ----------
    facts : DataFrame or None
        Known values of patients, as :class:`jobs.common.run.work_items.FactsRow`.
    """

    def __init__(
        self,
        tables: Tables,
        config: RunConfig,
        plugin: Plugin[Any, Any, Any],
        observer: Observer,
    ):
        self._observer = observer
        self._tables = tables
        self._spark = tables.spark
        self._config = config
        self._plugin = plugin
        self.facts: Optional[DataFrame] = None

    def context(self, batch: int) -> BatchContext:
        """Return a batch of this run as it is sent to workers."""
        config = self._config
        return BatchContext(
            deidentifier=config.deidentifier,
            output=config.output.uri,
            tables=config.tables.uri,
            mapping=config.mapping.uri,
            run_id=config.run_id,
            batch=batch,
            rules_name=config.rules_name,
            limits=config.limits,
            progress=self._observer.address,
            mapping_store=config.mapping_store,
        )

    def process(self, tasks: Sequence[PackedTask], batch: int) -> ProcessedBatch:
        """Write the outputs and the data files of a batch.

        Parameters
        ----------
        tasks : sequence of PackedTask
        batch : int
            Number of the batch in the run.
        """
        context = self.context(batch)
        reports = self._run(tasks, context)
        return ProcessedBatch(context, reports, tuple(tasks))

    def process_frame(self, packed: DataFrame, batch: int) -> ProcessedBatch:
        """Process packed tasks that the cluster has made, as of a table of the input.

        Parameters
        ----------
        packed : DataFrame
            Column ``items``.
        batch : int
        """
        context = self.context(batch)
        return ProcessedBatch(context, self._run_frame(packed, context, _BatchSize(0, 0, 0)), ())

    def rewrite(self, batch: ProcessedBatch, source_ids: AbstractSet[str]) -> None:
        """Process sources of a batch again, and replace the outputs at their locations.

        Parameters
        ----------
        batch : ProcessedBatch
        source_ids : set of str
            Sources whose output replaces that of a refused source.
        """
        wanted = pa.array(sorted(source_ids), pa.string())
        chosen: list[PackedTask] = []
        for task in batch.tasks:
            items = read_items(task.items)
            items = items.filter(pc.is_in(items["source_id"], wanted))
            chosen += pack_items(items, _ONE_TASK)
        context = replace(batch.context, replaces_outputs=True, progress=None)
        with self._observer.stage("REWRITE", context.batch, len(chosen)):
            self._run(chosen, context)

    def map_tasks(self, tasks: Sequence[PackedTask], task: ArrowTask, row_type: type) -> DataFrame:
        """Return the rows that a function yields for packed tasks; nothing runs yet.

        Parameters
        ----------
        tasks : sequence of PackedTask
        task : callable
            Function of a worker.
        row_type : type
            Row class of what it yields.
        """
        return _map_rows(_to_frame(self._spark, tasks), task, row_type)

    def _run(self, tasks: Sequence[PackedTask], context: BatchContext) -> list[TaskReport]:
        objects = 0 if context.replaces_outputs else sum(task.count for task in tasks)
        size = _BatchSize(len(tasks), objects, sum(task.bytes for task in tasks))
        with one_partition_per_row(self._spark, len(tasks)):
            return self._run_frame(_to_frame(self._spark, tasks), context, size)

    def _run_frame(
        self, packed: DataFrame, context: BatchContext, size: _BatchSize
    ) -> list[TaskReport]:
        """Process packed tasks, again with isolated objects if one ended its worker.

        Mostly Spark repeats the task. A local session that this package has not started, as of a
        notebook, does not.
        """
        try:
            return self._run_once(packed, context, size)
        except Exception as error:
            if repeats_failed_tasks(str(self._spark.sparkContext.master)) or not is_worker_crash(
                error
            ):
                raise
        return self._run_once(packed, replace(context, isolated=True, progress=None), size)

    def _run_once(
        self, packed: DataFrame, context: BatchContext, size: _BatchSize
    ) -> list[TaskReport]:
        if self._config.text_model is None and self.facts is None:
            reports = _map_rows(packed, deidentify_task(self._plugin, context), TaskReport)
            with self._observer.stage("REBUILD", context.batch, *size):
                return collect_rows(TaskReport, reports)
        return self._run_with_scan(packed, context, size)

    def _run_with_scan(
        self, packed: DataFrame, context: BatchContext, size: _BatchSize
    ) -> list[TaskReport]:
        """Scan the items, annotate their texts, then rebuild them.

        Scans and texts are kept by the executors; Spark encrypts what it spills to disk.
        """
        from pyspark import StorageLevel

        scanned = _map_rows(packed, scan_task(self._plugin, context), ScannedItem)
        scanned = scanned.persist(StorageLevel.MEMORY_AND_DISK)
        try:
            with self._observer.stage("SCAN", context.batch, *size):
                scanned.count()
            with self._observer.stage("ANNOTATE", context.batch):
                ready, shared = self._annotate(scanned)
            facts = None if self.facts is None else _group_facts(scanned, self.facts)
            ready = _join_column(ready, facts, "facts", _NO_FACTS)
            task = rebuild_task(self._plugin, context, shared)
            reports = _map_rows(ready.drop("position"), task, TaskReport)
            with self._observer.stage("REBUILD", context.batch, *size):
                return collect_rows(TaskReport, reports)
        finally:
            scanned.unpersist()

    def _annotate(
        self, scanned: DataFrame
    ) -> tuple[DataFrame, Optional[Callable[[], StoredAnnotations]]]:
        """Return the scans with the spans of their texts, or spans that are broadcast."""
        ready = scanned.select("position", "scanned")
        model = self._config.text_model
        if model is None:
            return _join_column(ready, None, "spans", _NO_SPANS), None
        annotations = annotate_batch(self._tables, scanned, model, self._config.deidentifier)
        if not isinstance(annotations, dict):
            spans = _group_spans(scanned, annotations)
            return _join_column(ready, spans, "spans", _NO_SPANS), None
        shared = _Shared(self._spark.sparkContext.broadcast(annotations))
        return _join_column(ready, None, "spans", _NO_SPANS), shared


class _Shared:
    """Callable that returns broadcast annotations in a worker; Spark encrypts the broadcast."""

    def __init__(self, broadcast: Broadcast[StoredAnnotations]):
        self._broadcast = broadcast

    def __call__(self) -> StoredAnnotations:
        return self._broadcast.value


def _to_frame(spark: SparkSession, tasks: Sequence[PackedTask]) -> DataFrame:
    return blob_frame(spark, [task.items for task in tasks])


def _map_rows(frame: DataFrame, task: ArrowTask, row_type: type) -> DataFrame:
    """Apply a task that yields rows of a class."""
    return frame.mapInArrow(task, spark_schema(arrow_schema(row_type)))


def _group_spans(scanned: DataFrame, annotations: DataFrame) -> DataFrame:
    """Return the spans of the texts of each item, which the driver does not collect."""
    from pyspark.sql import functions as F

    return (
        scanned.select("position", F.explode("texts.text_hmac").alias("text_hmac"))
        .join(annotations, "text_hmac")
        .groupBy("position")
        .agg(F.collect_list(F.struct("text_hmac", "spans")).alias("spans"))
    )


def _group_facts(scanned: DataFrame, facts: DataFrame) -> DataFrame:
    """Return the known values of the patients that each item refers to."""
    from pyspark.sql import functions as F

    return (
        scanned.select("position", F.explode("references").alias("key"))
        .join(facts, "key")
        .groupBy("position")
        .agg(F.collect_list(F.struct("key", "identity", "known")).alias("facts"))
    )


def _join_column(
    ready: DataFrame, column: Optional[DataFrame], name: str, empty_type: str
) -> DataFrame:
    """Add a column by position; it is null without a frame."""
    from pyspark.sql import functions as F

    if column is None:
        return ready.withColumn(name, F.lit(None).cast(empty_type))
    return ready.join(column, "position", "left")
