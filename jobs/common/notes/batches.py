"""Process and commit batches of notes: SCAN, ANNOTATE, REBUILD, RECORD."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from jobs.common.delta.arrow_rows import arrow_schema, spark_schema, to_tuple
from jobs.common.delta.commit import append_all, select_table, select_unknown
from jobs.common.delta.schemas import NOTES_TABLES, RESTRICTED_TABLES, combined_schema
from jobs.common.delta.table_set import Tables
from jobs.common.notes.delta_io import (
    is_delta_table,
    list_appended_files,
    pack_rows,
    read_table,
    rewrite_table,
    table_version,
)
from jobs.common.notes.pieces import NotePiece
from jobs.common.notes.recorder import ROW_TYPES
from jobs.common.notes.tasks import (
    FactsRow,
    NotesBatchContext,
    NotesBuilder,
    PieceItem,
    ScannedPiece,
)
from jobs.common.notes.worker import ArrowTask, facts_task, rebuild_task, scan_task
from jobs.common.observe.run_counts import MAX_SAMPLES, QuarantinedObject
from jobs.common.run.annotations import annotate_batch
from jobs.common.run.batch_runner import BatchRunner, retry_with_crash_isolation, source_id
from jobs.common.run.run_config import RunConfig
from jobs.common.storage.backend import Source
from jobs.common.storage.location import Location, parse_uri
from safelight.records import Status

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Rows of a batch, findings included, up to which the driver commits them without Spark.
DRIVER_MAX_ROWS = 50_000


@dataclass(frozen=True)
class _WrittenBatch:
    """A batch whose pieces are written.

    Attributes
    ----------
    context : NotesBatchContext
    frames : dict
        Rows by table.
    rows : int
        Number of the rows.
    """

    context: NotesBatchContext
    frames: dict[str, DataFrame]
    rows: int


class NotesBatchRunner(BatchRunner):
    """Runner of batches of notes.

    Parameters
    ----------
    tables : Tables
    config : RunConfig
    build : NotesBuilder
        Builds the de-identifier in a worker.
    fields_hash : str
        Hash of the options and of the tables of columns and fields.
    conflicts : set
        Pieces, as ``source_id, piece``, that the output has under other rules or options.
    """

    def __init__(
        self,
        tables: Tables,
        config: RunConfig,
        build: NotesBuilder,
        fields_hash: str,
        conflicts: AbstractSet[tuple[str, int]],
    ):
        super().__init__(tables, config.deidentifier, config.text_model)
        self._config = config
        self._build = build
        self._fields_hash = fields_hash
        self._conflicts = conflicts
        self._facts: Optional[DataFrame] = None

    def gather_facts(self, pieces: Sequence[NotePiece]) -> DataFrame:
        """Return the facts that FHIR resources hold about patients of other resources.

        See :class:`jobs.common.notes.tasks.FactsRow`.
        """
        listed = self._list_items([[piece] for piece in pieces])
        return _map_rows(listed, facts_task(self._context(-1)), FactsRow)

    def use_facts(self, frames: Sequence[DataFrame]) -> None:
        """Merge facts by patient and use them in all batches."""
        from pyspark import StorageLevel
        from pyspark.sql import functions

        together = frames[0]
        for frame in frames[1:]:
            together = together.unionByName(frame)
        known = functions.flatten(functions.collect_list("known"))
        grouped = together.groupBy("key").agg(
            functions.max("identity").alias("identity"),
            functions.array_sort(functions.array_distinct(known)).alias("known"),
        )
        self._facts = grouped.persist(StorageLevel.MEMORY_AND_DISK)

    def run(self, tasks: Sequence[Sequence[NotePiece]], batch: int) -> None:
        """Process one batch of pieces and commit its rows.

        Parameters
        ----------
        tasks : sequence of sequence of NotePiece
            Pieces of the batch by task, in the order of the listing.
        batch : int
            Number of the batch in the run.

        Raises
        ------
        JobError
            If the lease was lost, or a table cannot be read or changed.
        """
        self._run(self._list_items(tasks), batch)

    def run_table(self, source: Source, batch: int, since: Optional[int] = None) -> None:
        """Process a Delta table as one batch, and commit its rows.

        Parameters
        ----------
        source : Source
            The table at one version.
        batch : int
        since : int, optional
            Version that is done: only rows that were added later are processed, if rows were
            only added.
        """
        from pyspark import StorageLevel

        files = None
        if since is not None and is_delta_table(self._target(source).uri):
            files = list_appended_files(self._spark, source, since)
        rows = read_table(self._spark, source, files)
        packed = _map_rows(rows, pack_rows(source, source_id(self._names, source)), PieceItem)
        packed = packed.persist(StorageLevel.MEMORY_AND_DISK)
        try:
            self._run(packed, batch, source, append=files is not None)
        finally:
            packed.unpersist()

    def _run(
        self,
        listed: DataFrame,
        batch: int,
        source: Optional[Source] = None,
        append: bool = False,
    ) -> None:
        persisted: list[DataFrame] = []
        try:
            written = retry_with_crash_isolation(
                lambda isolated: self._process(listed, batch, persisted, isolated)
            )
            if source is not None:
                self._write_table(source, written.context, append)
            in_driver = written.rows <= DRIVER_MAX_ROWS
            append_all(self._tables, written.frames, "note_files", in_driver)
        finally:
            for frame in persisted:
                frame.unpersist()

    def _process(
        self, listed: DataFrame, batch: int, persisted: list[DataFrame], isolated: bool
    ) -> _WrittenBatch:
        """Write the pieces of a batch and return its rows, persisted until they are committed."""
        from pyspark import StorageLevel
        from pyspark.sql import functions

        context = self._context(batch, isolated)
        if self._text_model is not None or self._facts is not None:
            listed = _map_rows(listed, scan_task(context), ScannedPiece)
            listed = listed.persist(StorageLevel.MEMORY_AND_DISK)
            persisted.append(listed)
        ready = self._join_facts(self._join_spans(listed), listed).drop("texts", "patients")
        rows = ready.mapInArrow(rebuild_task(context), spark_schema(combined_schema(ROW_TYPES)))
        rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
        persisted.append(rows)
        frames = {table: select_table(rows, table) for table in NOTES_TABLES}
        refused = frames["notes"].where(functions.col("reason_code") != "")
        self._add_totals(frames["note_files"], refused)
        for table in RESTRICTED_TABLES:
            frames[table] = select_unknown(self._tables, table, frames[table])
        return _WrittenBatch(context, frames, rows.count())

    def _target(self, source: Source) -> Location:
        """Return the location of a Delta table in the output: the same for all its versions."""
        name = self._context(-1).table_name(source.uri, self._names)
        return self._config.output.child(name)

    def _write_table(self, source: Source, context: NotesBatchContext, append: bool) -> None:
        """Commit the rows that workers wrote as a new version of the table in the output."""
        parts = context.parts_folder(source_id(self._names, source), self._names)
        self._tables.check_lease()
        rewrite_table(
            self._spark,
            parse_uri(context.output).child(parts),
            self._target(source),
            table_version(source),
            append,
        )

    def _context(self, batch: int, isolated: bool = False) -> NotesBatchContext:
        return NotesBatchContext(
            self._config.deidentifier,
            self._build,
            self._config.output.uri,
            self._config.run_id,
            batch,
            self._config.rules_name,
            self._fields_hash,
            isolated,
            self._config.limits,
        )

    def _list_items(self, tasks: Sequence[Sequence[NotePiece]]) -> DataFrame:
        """Return the pieces of a batch as rows of :class:`PieceItem`, one partition per task."""
        position = 0
        partitions: list[list[tuple[object, ...]]] = []
        for task in tasks:
            rows = []
            for piece in task:
                key = source_id(self._names, piece)
                item = piece.to_item(position, key, (key, piece.piece) in self._conflicts)
                rows.append(to_tuple(item))
                position += 1
            partitions.append(rows)
        spread = self._spark.sparkContext.parallelize(partitions, len(partitions))
        schema = spark_schema(arrow_schema(PieceItem))
        return self._spark.createDataFrame(spread.flatMap(lambda rows: rows), schema)

    def _join_spans(self, listed: DataFrame) -> DataFrame:
        """Return each piece with the spans of its texts, which the driver does not collect."""
        from pyspark.sql import functions

        if self._text_model is None:
            none = functions.lit(None).cast("array<struct<text_hmac:string>>")
            return listed.withColumn("spans", none)
        annotated = annotate_batch(
            self._tables, listed, self._text_model, self._names.key_id, collect=False
        )
        spans = (
            listed.select("position", functions.explode("texts.text_hmac").alias("text_hmac"))
            .join(annotated, "text_hmac")
            .groupBy("position")
            .agg(functions.collect_list(functions.struct("text_hmac", "spans")).alias("spans"))
        )
        return listed.join(spans, "position", "left")

    def _join_facts(self, ready: DataFrame, listed: DataFrame) -> DataFrame:
        """Return each piece with the known values of its patients."""
        from pyspark.sql import functions

        if self._facts is None:
            none = functions.lit(None).cast("array<struct<key:string>>")
            return ready.withColumn("facts", none)
        fact = functions.struct("key", "identity", "known")
        facts = (
            listed.select("position", functions.explode("patients").alias("key"))
            .join(self._facts, "key")
            .groupBy("position")
            .agg(functions.collect_list(fact).alias("facts"))
        )
        return ready.join(facts, "position", "left")

    def _add_totals(self, files: DataFrame, refused: DataFrame) -> None:
        """Add the rows of ``note_files``, and those of ``notes`` with a reason, to the totals."""
        totals = self.totals
        columns = (
            "source_id", "status", "reason_code", "notes", "notes_quarantined", "piece",
            "source_bytes",
        )  # fmt: skip
        reasons = refused.groupBy("reason_code").count().collect()
        examples = refused.select("source_id", "reason_code").orderBy("source_id", "row")
        quarantined = 0
        for row in files.select(*columns, "output_bytes").collect():
            if row.status == Status.DEIDENTIFIED.value:
                totals.count(row.status, number=row.notes - row.notes_quarantined)
                quarantined += row.notes_quarantined
            else:
                totals.count(row.status, row.reason_code, source_id=row.source_id)
            totals.count_bytes(row.source_bytes if row.piece == 1 else 0, row.output_bytes or 0)
        for reason, count in reasons:
            totals.count(Status.QUARANTINED.value, reason, count)
            quarantined -= count
        totals.status[Status.QUARANTINED.value] += quarantined
        if reasons:
            totals.quarantined += [QuarantinedObject(*row) for row in examples.take(MAX_SAMPLES)]


def _map_rows(frame: DataFrame, task: ArrowTask, row_type: type) -> DataFrame:
    """Apply a task that yields rows of a class."""
    return frame.mapInArrow(task, spark_schema(arrow_schema(row_type)))
