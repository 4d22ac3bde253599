"""One batch of notes: SCAN, ANNOTATE, REBUILD and write, then the rows, ``note_files`` last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from jobs.common.delta.commit import append_all, rows_of, stream_schema, unknown_rows
from jobs.common.delta.schemas import NOTES_TABLES, RESTRICTED
from jobs.common.delta.table_set import Tables
from jobs.common.notes.delta_io import (
    is_delta_table,
    list_appended_files,
    pack_rows,
    read_table,
    rewrite_table,
    table_version,
)
from jobs.common.notes.pieces import LISTED, NotePiece
from jobs.common.notes.recorder import NotesBatchContext, table_name, table_parts
from jobs.common.notes.worker import FACTS, SCANNED_COLUMNS, facts_task, scan_task, write_task
from jobs.common.run.annotations import decided_texts
from jobs.common.run.batch_runner import BatchRunner, TextModel, source_id
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.storage.backend import Source
from jobs.common.storage.location import Location, parse_uri
from safelight.records import Status

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Rows of a batch, spans included, that the driver commits by itself.
IN_DRIVER = 50_000


@dataclass(frozen=True)
class _Done:
    """A batch whose pieces are written: its rows by table, and how many they are."""

    context: NotesBatchContext
    frames: dict[str, DataFrame]
    rows: int


class NotesBatchRunner(BatchRunner):
    """Processes and commits batches of one run."""

    def __init__(
        self,
        tables: Tables,
        deidentifier: DeidentifierConfig,
        output: str,
        run_id: str,
        rules_name: str,
        text_model: Optional[TextModel],
        conflicts: frozenset[tuple[str, int]],
        fields_hash: str,
    ):
        super().__init__(tables, deidentifier, text_model)
        self._work = (output, run_id, rules_name, fields_hash)
        self._conflicts = conflicts
        self.facts: Optional[DataFrame] = None

    def gather_facts(self, pieces: Sequence[NotePiece]) -> DataFrame:
        """What FHIR resources say of the patients whom other resources refer to."""
        listed = self._listed([[piece] for piece in pieces])
        schema, arrow = _schema(FACTS)
        return listed.mapInArrow(facts_task(self._batch_context(-1), arrow), schema)

    def use_facts(self, frames: Sequence[DataFrame]) -> None:
        """Look up in these what is known of each patient."""
        from pyspark import StorageLevel
        from pyspark.sql import functions as F

        together = frames[0]
        for frame in frames[1:]:
            together = together.unionByName(frame)
        grouped = together.groupBy("key").agg(
            F.max("identity").alias("identity"),
            F.array_sort(F.array_distinct(F.flatten(F.collect_list("known")))).alias("known"),
        )
        self.facts = grouped.persist(StorageLevel.MEMORY_AND_DISK)

    def run(self, tasks: Sequence[Sequence[NotePiece]], batch: int) -> None:
        """Process one batch and commit its rows."""
        self._run(self._listed(tasks), batch)

    def run_table(self, source: Source, batch: int, since: Optional[int] = None) -> None:
        """Process a Delta table, as one batch; only what was added since a version, if given."""
        from pyspark import StorageLevel

        schema, arrow = _schema(LISTED)
        identity = source_id(self._names, source)
        pack = pack_rows(source, identity, arrow)
        files = None
        if since is not None and is_delta_table(self._target(source).uri):
            files = list_appended_files(self._spark, source, since)
        packed = read_table(self._spark, source, files).mapInArrow(pack, schema)
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
        held: list[DataFrame] = []
        try:
            done = self.retry_with_crash_isolation(
                lambda isolated: self._process(listed, batch, held, isolated)
            )
            if source is not None:
                self._write_table(source, done.context, append)
            append_all(self._tables, done.frames, "note_files", done.rows <= IN_DRIVER)
        finally:
            for frame in held:
                frame.unpersist()

    def _process(
        self, listed: DataFrame, batch: int, held: list[DataFrame], isolated: bool
    ) -> _Done:
        """Write the pieces of a batch; the rows of all tables, kept until they are committed."""
        from pyspark import StorageLevel
        from pyspark.sql import functions as F

        context = self._batch_context(batch, isolated)
        if self._text_model is not None or self.facts is not None:
            schema, arrow = _schema(SCANNED_COLUMNS)
            listed = listed.mapInArrow(scan_task(context, arrow), schema)
            listed = listed.persist(StorageLevel.MEMORY_AND_DISK)
            held.append(listed)
        ready = self._with_facts(self._with_spans(listed), listed)
        rows = ready.drop("texts", "patients").mapInArrow(
            write_task(context), stream_schema(NOTES_TABLES)
        )
        rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
        held.append(rows)
        frames = {table: rows_of(rows, table) for table in NOTES_TABLES}
        self._add_up(frames["note_files"], frames["notes"].where(F.col("reason_code") != ""))
        for table in RESTRICTED:
            frames[table] = unknown_rows(self._tables, table, frames[table])
        return _Done(context, frames, rows.count())

    def _target(self, source: Source) -> Location:
        """Where the output of a Delta table stands, whatever its version."""
        context = self._batch_context(-1)
        return parse_uri(context.output).child(table_name(source.uri, context, self._names))

    def _write_table(self, source: Source, context: NotesBatchContext, append: bool) -> None:
        """Make the rows that workers have written a new version of the output's table."""
        parts = table_parts(source_id(self._names, source), context, self._names)
        self._tables.check_lease()
        rewrite_table(
            self._spark, parse_uri(context.output).child(parts), self._target(source),
            table_version(source), append,
        )  # fmt: skip

    def _batch_context(self, batch: int, isolated: bool = False) -> NotesBatchContext:
        from pyspark.sql.pandas.types import to_arrow_type
        from pyspark.sql.types import _parse_datatype_string

        wide: Any = _parse_datatype_string(stream_schema(NOTES_TABLES))
        structs = {column.name: to_arrow_type(column.dataType) for column in wide}
        output, run_id, rules_name, fields_hash = self._work
        return NotesBatchContext(
            self._deidentifier, output, run_id, batch, rules_name, fields_hash, isolated, structs
        )

    def _listed(self, tasks: Sequence[Sequence[NotePiece]]) -> DataFrame:
        position = 0
        slices: list[list[tuple[Any, ...]]] = []
        for task in tasks:
            rows = []
            for piece in task:
                identity = source_id(self._names, piece)
                conflict = (identity, piece.piece) in self._conflicts
                rows.append(piece.row(position, identity, conflict))
                position += 1
            slices.append(rows)
        spread = self._spark.sparkContext.parallelize(slices, len(slices))
        return self._spark.createDataFrame(spread.flatMap(lambda rows: rows), LISTED)

    def _with_spans(self, listed: DataFrame) -> DataFrame:
        """Each piece with the spans of its texts; they never pass through the driver."""
        from pyspark.sql import functions as F

        if self._text_model is None:
            return listed.withColumn("spans", F.lit(None).cast("array<struct<text_hmac:string>>"))
        decided = decided_texts(
            self._tables, listed, self._text_model.annotate, self._text_model.version,
            self._names.key_id, IN_DRIVER,
        )  # fmt: skip
        spans = (
            listed.select("position", F.explode("texts.text_hmac").alias("text_hmac"))
            .join(decided, "text_hmac")
            .groupBy("position")
            .agg(F.collect_list(F.struct("text_hmac", "spans")).alias("spans"))
        )
        return listed.join(spans, "position", "left")

    def _with_facts(self, ready: DataFrame, listed: DataFrame) -> DataFrame:
        """Each piece with what is known of its patients."""
        from pyspark.sql import functions as F

        if self.facts is None:
            return ready.withColumn("facts", F.lit(None).cast("array<struct<key:string>>"))
        facts = (
            listed.select("position", F.explode("patients").alias("key"))
            .join(self.facts, "key")
            .groupBy("position")
            .agg(F.collect_list(F.struct("key", "identity", "known")).alias("facts"))
        )
        return ready.join(facts, "position", "left")

    def _add_up(self, files: DataFrame, refused: DataFrame) -> None:
        totals = self.totals
        columns = ("status", "reason_code", "notes", "notes_quarantined", "piece", "source_bytes")
        reasons = refused.groupBy("reason_code").count().collect()
        for row in files.select(*columns, "output_bytes").collect():
            if row.status == Status.DEIDENTIFIED.value:
                totals.status[row.status] += row.notes - row.notes_quarantined
                totals.status[Status.QUARANTINED.value] += row.notes_quarantined
            else:
                totals.status[row.status] += 1
                totals.reasons[row.reason_code] += 1
            totals.bytes_in += row.source_bytes if row.piece == 1 else 0
            totals.bytes_out += row.output_bytes or 0
        for row in reasons:
            totals.reasons[row.reason_code] += row[1]


def _schema(ddl: str) -> tuple[Any, Any]:
    """A schema for Spark and for Arrow."""
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import _parse_datatype_string

    schema: Any = _parse_datatype_string(ddl)
    return schema, to_arrow_schema(schema)
