"""One batch: SCAN, ANNOTATE, REBUILD and write, then the rows, ``instances`` last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

from jobs.common.delta.table_set import Tables
from jobs.common.images.batch_commit import BatchRows
from jobs.common.images.recorder import Work
from jobs.common.images.worker import Listed, scan_task, write_task
from jobs.common.run.annotations import decide_texts
from jobs.common.run.batch_job import Runner, TextModel, source_id
from jobs.common.run.duplicates import Verdicts
from jobs.common.spark.deidentifier_factory import EngineSettings
from jobs.common.spark.row_buffer import Payload
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import delete_object

if TYPE_CHECKING:
    from pyspark import RDD

#: What a batch's texts are for the text model.
_TEXTS = "texts ARRAY<STRUCT<text_hmac: STRING, text: STRING>>"


class BatchRunner(Runner):
    """Processes and commits batches of one run over objects."""

    def __init__(
        self,
        tables: Tables,
        engine: EngineSettings,
        output: str,
        run_id: str,
        rules_name: str,
        text_model: Optional[TextModel],
    ):
        super().__init__(tables, engine, text_model)
        self._output = output
        self._run_id = run_id
        self._rules_name = rules_name

    def run(self, tasks: Sequence[Sequence[Source]], batch: int) -> None:
        """Process one batch and commit its rows."""
        listed = self._listed(tasks)
        rows, verdicts = self.surviving(lambda isolated: self._write(listed, batch, isolated))
        self.totals.add(rows.commit(self._tables, verdicts))

    def _listed(self, tasks: Sequence[Sequence[Source]]) -> list[list[Listed]]:
        """The sources of a batch, task by task."""
        listed: list[list[Listed]] = []
        position = 0
        for task in tasks:
            listed.append([])
            for source in task:
                identity = source_id(self._names, source)
                row = Listed(position, identity, source.uri, source.size, source.version, False)
                listed[-1].append(row)
                position += 1
        return listed

    def _write(
        self, listed: list[list[Listed]], batch: int, isolated: bool
    ) -> tuple[BatchRows, Verdicts]:
        """Write the objects of a batch; its rows, and what is decided of duplicates."""
        work = Work(self._engine, self._output, self._run_id, batch, self._rules_name, isolated)
        rows = BatchRows(self._process(listed, work))
        verdicts = rows.verdicts(self._tables, self._engine, self._output)
        if verdicts.repairs:
            again = [
                [row._replace(replace=True) for row in task if row.source_id in verdicts.repairs]
                for task in listed
            ]
            self._process([task for task in again if task], work)
        for uri in verdicts.orphans:
            delete_object(uri)
        return rows, verdicts

    def _process(self, listed: list[list[Listed]], work: Work) -> list[Payload]:
        """Rows of all tables, once the objects are written.

        Sources and rows pass as plain records: a plan of Spark SQL would cost a second Python
        process for each task, and seconds before the first.
        """
        context = self._tables.spark.sparkContext
        tasks = context.parallelize(listed, len(listed)).flatMap(_members)
        if self._text_model is None:
            return list(tasks.mapPartitions(write_task(work)).collect())
        return self._with_texts(tasks, work, self._text_model)

    def _with_texts(self, tasks: RDD[Listed], work: Work, model: TextModel) -> list[Payload]:
        """The same in two passes, between which the texts of the batch are read."""
        from pyspark import StorageLevel

        scanned = tasks.mapPartitions(scan_task(work)).persist(StorageLevel.MEMORY_AND_DISK)
        try:
            texts = self._tables.spark.createDataFrame(scanned.map(_texts), _TEXTS)
            spans = decide_texts(
                self._tables, texts, model.annotate, model.version, self._names.key_id
            )
            shared = scanned.context.broadcast(spans)
            written = scanned.map(_source).mapPartitions(write_task(work, _Shared(shared)))
            return list(written.collect())
        finally:
            scanned.unpersist()


class _Shared:
    """Gives a worker the decisions that were broadcast, encrypted on the way."""

    def __init__(self, broadcast: Any):
        self._broadcast = broadcast

    def __call__(self) -> Any:
        return self._broadcast.value


def _members(task: list[Listed]) -> list[Listed]:
    return task


def _source(scanned: tuple[Listed, Any]) -> Listed:
    return scanned[0]


def _texts(scanned: tuple[Listed, Any]) -> tuple[Any]:
    return (scanned[1],)
