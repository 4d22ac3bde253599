"""One batch: SCAN, ANNOTATE, REBUILD and write, then the rows, ``instances`` last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

from jobs.common.delta.table_set import Tables
from jobs.common.images.batch_commit import BatchRows
from jobs.common.images.recorder import BatchContext
from jobs.common.images.worker import SourceItem, scan_task, write_task
from jobs.common.run.annotations import decide_texts
from jobs.common.run.batch_runner import BatchRunner, TextModel, source_id
from jobs.common.run.duplicates import DuplicateResolution
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import Payload
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import delete_object

if TYPE_CHECKING:
    from pyspark import RDD

#: What a batch's texts are for the text model.
_TEXTS = "texts ARRAY<STRUCT<text_hmac: STRING, text: STRING>>"


class ImageBatchRunner(BatchRunner):
    """Processes and commits batches of one run over objects."""

    def __init__(
        self,
        tables: Tables,
        deidentifier: DeidentifierConfig,
        output: str,
        run_id: str,
        rules_name: str,
        text_model: Optional[TextModel],
    ):
        super().__init__(tables, deidentifier, text_model)
        self._output = output
        self._run_id = run_id
        self._rules_name = rules_name

    def run(self, tasks: Sequence[Sequence[Source]], batch: int) -> None:
        """Process one batch and commit its rows."""
        listed = self._listed(tasks)
        rows, verdicts = self.retry_with_crash_isolation(
            lambda isolated: self._write(listed, batch, isolated)
        )
        self.totals.add(rows.commit(self._tables, verdicts))

    def _listed(self, tasks: Sequence[Sequence[Source]]) -> list[list[SourceItem]]:
        """The sources of a batch, task by task."""
        listed: list[list[SourceItem]] = []
        position = 0
        for task in tasks:
            listed.append([])
            for source in task:
                identity = source_id(self._names, source)
                row = SourceItem(position, identity, source.uri, source.size, source.version, False)
                listed[-1].append(row)
                position += 1
        return listed

    def _write(
        self, listed: list[list[SourceItem]], batch: int, isolated: bool
    ) -> tuple[BatchRows, DuplicateResolution]:
        """Write the objects of a batch; its rows, and what is decided of duplicates."""
        context = BatchContext(
            self._deidentifier, self._output, self._run_id, batch, self._rules_name, isolated
        )
        rows = BatchRows(self._process(listed, context))
        verdicts = rows.verdicts(self._tables, self._deidentifier, self._output)
        if verdicts.repairs:
            again = [
                [row._replace(replace=True) for row in task if row.source_id in verdicts.repairs]
                for task in listed
            ]
            self._process([task for task in again if task], context)
        for uri in verdicts.orphans:
            delete_object(uri)
        return rows, verdicts

    def _process(self, listed: list[list[SourceItem]], context: BatchContext) -> list[Payload]:
        """Rows of all tables, once the objects are written.

        Sources and rows pass as plain records: a plan of Spark SQL would cost a second Python
        process for each task, and seconds before the first.
        """
        spark_context = self._tables.spark.sparkContext
        tasks = spark_context.parallelize(listed, len(listed)).flatMap(_members)
        if self._text_model is None:
            return list(tasks.mapPartitions(write_task(context)).collect())
        return self._with_texts(tasks, context, self._text_model)

    def _with_texts(
        self, tasks: RDD[SourceItem], context: BatchContext, model: TextModel
    ) -> list[Payload]:
        """The same in two passes, between which the texts of the batch are read."""
        from pyspark import StorageLevel

        scanned = tasks.mapPartitions(scan_task(context)).persist(StorageLevel.MEMORY_AND_DISK)
        try:
            texts = self._tables.spark.createDataFrame(scanned.map(_texts), _TEXTS)
            spans = decide_texts(
                self._tables, texts, model.annotate, model.version, self._names.key_id
            )
            shared = scanned.context.broadcast(spans)
            written = scanned.map(_source).mapPartitions(write_task(context, _Shared(shared)))
            return list(written.collect())
        finally:
            scanned.unpersist()


class _Shared:
    """Gives a worker the decisions that were broadcast, encrypted on the way."""

    def __init__(self, broadcast: Any):
        self._broadcast = broadcast

    def __call__(self) -> Any:
        return self._broadcast.value


def _members(task: list[SourceItem]) -> list[SourceItem]:
    return task


def _source(scanned: tuple[SourceItem, Any]) -> SourceItem:
    return scanned[0]


def _texts(scanned: tuple[SourceItem, Any]) -> tuple[Any]:
    return (scanned[1],)
