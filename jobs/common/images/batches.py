"""Process and commit batches of DICOM objects: SCAN, ANNOTATE, REBUILD, RECORD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jobs.common.delta.table_set import Tables
from jobs.common.images.batch_commit import BatchRows
from jobs.common.images.tasks import BatchContext, ScannedItem, SourceItem
from jobs.common.images.worker import deidentify_task, rebuild_task, scan_task
from jobs.common.run.annotations import Annotations, HashedText, TextModel, annotate_batch
from jobs.common.run.batch_runner import BatchRunner, retry_with_crash_isolation, source_id
from jobs.common.run.duplicates import DuplicateResolution
from jobs.common.run.run_config import RunConfig
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import Payload
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import delete_object

if TYPE_CHECKING:
    from pyspark import RDD, Broadcast

    from safelight import Deidentifier

#: Columns of the texts of a batch for the text model.
_TEXTS = "texts ARRAY<STRUCT<text_hmac: STRING, text: STRING>>"


class ImageBatchRunner(BatchRunner):
    """Runner of batches of DICOM objects.

    Parameters
    ----------
    tables : Tables
    config : RunConfig
    build : callable
        Builds the de-identifier in a worker.
    """

    def __init__(
        self,
        tables: Tables,
        config: RunConfig,
        build: Callable[[DeidentifierConfig], Deidentifier],
    ):
        super().__init__(tables, config.deidentifier, config.text_model)
        self._config = config
        self._build = build

    def run(self, tasks: Sequence[Sequence[Source]], batch: int) -> None:
        """Process one batch and commit its rows.

        Parameters
        ----------
        tasks : sequence of sequence of Source
            Sources of the batch by task, in the order of the listing.
        batch : int
            Number of the batch in the run.

        Raises
        ------
        JobError
            If the lease was lost, or a table cannot be read or changed.
        """
        listed = self._list_items(tasks)
        rows, resolution = retry_with_crash_isolation(
            lambda isolated: self._write(listed, batch, isolated)
        )
        self.totals.add(rows.commit(self._tables, resolution))

    def _list_items(self, tasks: Sequence[Sequence[Source]]) -> list[list[SourceItem]]:
        """Return the sources of a batch by task."""
        listed: list[list[SourceItem]] = []
        position = 0
        for task in tasks:
            listed.append([])
            for source in task:
                key = source_id(self._names, source)
                listed[-1].append(
                    SourceItem(position, key, source.uri, source.size, source.version)
                )
                position += 1
        return listed

    def _write(
        self, listed: list[list[SourceItem]], batch: int, isolated: bool
    ) -> tuple[BatchRows, DuplicateResolution]:
        """Write the objects of a batch; return its rows and the resolution of duplicates."""
        config = self._config
        context = BatchContext(
            config.deidentifier,
            config.output.uri,
            config.run_id,
            batch,
            config.rules_name,
            isolated,
            self._build,
            config.limits,
        )
        rows = BatchRows(self._process(listed, context))
        resolution = rows.resolve(self._tables, config.deidentifier, config.output.uri)
        if resolution.rewrites:
            again = [
                [
                    item._replace(replace=True)
                    for item in task
                    if item.source_id in resolution.rewrites
                ]
                for task in listed
            ]
            self._process([task for task in again if task], context)
        for uri in resolution.orphaned_uris:
            delete_object(uri)
        return rows, resolution

    def _process(self, listed: list[list[SourceItem]], context: BatchContext) -> list[Payload]:
        """Write the objects of sources and return the rows of all tables.

        Sources and rows are elements of an RDD: a plan of Spark SQL would start a second Python
        process per task, and takes seconds before the first task.
        """
        spark_context = self._spark.sparkContext
        tasks = spark_context.parallelize(listed, len(listed)).flatMap(_members)
        if self._text_model is None:
            return list(tasks.mapPartitions(deidentify_task(context)).collect())
        return self._process_with_texts(tasks, context, self._text_model)

    def _process_with_texts(
        self, tasks: RDD[SourceItem], context: BatchContext, model: TextModel
    ) -> list[Payload]:
        """Scan the sources, annotate their texts, then rebuild the objects."""
        from pyspark import StorageLevel

        scanned = tasks.mapPartitions(scan_task(context)).persist(StorageLevel.MEMORY_AND_DISK)
        try:
            texts = self._spark.createDataFrame(scanned.map(_texts), _TEXTS)
            annotations = annotate_batch(
                self._tables, texts, model, self._names.key_id, collect=True
            )
            shared = scanned.context.broadcast(annotations)
            return list(scanned.mapPartitions(rebuild_task(context, _Shared(shared))).collect())
        finally:
            scanned.unpersist()


class _Shared:
    """Callable that returns broadcast annotations in a worker; Spark encrypts the broadcast."""

    def __init__(self, broadcast: Broadcast[Annotations]):
        self._broadcast = broadcast

    def __call__(self) -> Annotations:
        return self._broadcast.value


def _members(task: list[SourceItem]) -> list[SourceItem]:
    return task


def _texts(scanned: ScannedItem) -> tuple[list[HashedText]]:
    return (scanned.texts,)
