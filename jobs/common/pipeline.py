"""One batch: SCAN, ANNOTATE, REBUILD and write, then the rows, ``instances`` last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

from jobs.common.commit import append_together, rows_of, stream_schema, unknown_rows
from jobs.common.decisions import AnnotateTexts, decide_texts
from jobs.common.duplicates import SAME_CONTENT, Claim, Verdicts, resolve
from jobs.common.engine import EngineSettings
from jobs.common.isolation import worker_died
from jobs.common.schemas import RESTRICTED, TABLES, WORKER_COLUMNS
from jobs.common.sources import Source
from jobs.common.storage import Written, remove
from jobs.common.tables import Tables
from jobs.common.worker import LISTED, SCANNED, Work, scan_task, write_task
from safelight.pseudonyms import Pseudonyms
from safelight.records import Status

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class TextModel:
    """The ANNOTATE stage: a function over DataFrames and the version of what it runs."""

    annotate: AnnotateTexts
    version: str


@dataclass
class Totals:
    """What a run adds up."""

    status: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bytes_in: int = 0
    bytes_out: int = 0


def source_id(names: Pseudonyms, source: Source) -> str:
    """Keyed hash of the URI and the version of a source."""
    return names.hexdigest("source", f"{source.uri}\n{source.version}")


class BatchRunner:
    """Processes and commits batches of one run."""

    def __init__(
        self,
        tables: Tables,
        engine: EngineSettings,
        output: str,
        run_id: str,
        rules_name: str,
        text_model: Optional[TextModel],
    ):
        self._tables = tables
        self._spark = tables.spark
        self._engine = engine
        self._names = engine.pseudonyms()
        self._output = output
        self._run_id = run_id
        self._rules_name = rules_name
        self._text_model = text_model
        instances = f"{TABLES['instances']}, {WORKER_COLUMNS}"
        self._worker_schema = stream_schema(TABLES | {"instances": instances})
        self.totals = Totals()

    def run(self, tasks: Sequence[Sequence[Source]], batch: int) -> None:
        """Process one batch and commit its rows."""
        held: list[DataFrame] = []
        try:
            try:
                rows, verdicts = self._write(tasks, batch, held)
            except Exception as error:
                if not worker_died(error):
                    raise
                rows, verdicts = self._write(tasks, batch, held, isolated=True)
            self._commit(rows, verdicts)
        finally:
            for frame in held:
                frame.unpersist()

    def _write(
        self,
        tasks: Sequence[Sequence[Source]],
        batch: int,
        held: list[DataFrame],
        isolated: bool = False,
    ) -> tuple[DataFrame, Verdicts]:
        """Write the objects of a batch; its rows, and what is decided of duplicates."""
        rows = self._process(self._listed(tasks), batch, held, isolated)
        verdicts = self._verdicts(rows)
        if verdicts.repairs:
            again = self._listed(tasks, verdicts.repairs)
            self._process(again, batch, held, isolated).count()
        for uri in verdicts.orphans:
            remove(uri)
        return rows, verdicts

    def _listed(
        self, tasks: Sequence[Sequence[Source]], only: frozenset[str] = frozenset()
    ) -> DataFrame:
        """The sources of a batch, a partition for each task; ``only`` these, to be replaced."""
        position = 0
        slices: list[list[tuple[Any, ...]]] = []
        for task in tasks:
            rows = []
            for source in task:
                identity = source_id(self._names, source)
                if not only or identity in only:
                    row = (position, identity, source.uri, source.size, source.version)
                    rows.append((*row, bool(only)))
                position += 1
            if rows:
                slices.append(rows)
        spread = self._spark.sparkContext.parallelize(slices, len(slices))
        return self._spark.createDataFrame(spread.flatMap(lambda rows: rows), LISTED)

    def _process(
        self, listed: DataFrame, batch: int, held: list[DataFrame], isolated: bool
    ) -> DataFrame:
        """Rows of all tables, a struct column each, kept until the batch is committed."""
        from pyspark import StorageLevel
        from pyspark.sql.pandas.types import to_arrow_schema, to_arrow_type
        from pyspark.sql.types import _parse_datatype_string

        wide: Any = _parse_datatype_string(self._worker_schema)
        structs = {column.name: to_arrow_type(column.dataType) for column in wide}
        work = Work(
            self._engine, self._output, self._run_id, batch, self._rules_name, isolated, structs
        )
        decisions = None
        if self._text_model is not None:
            scan_schema: Any = _parse_datatype_string(SCANNED)
            scan = scan_task(work, to_arrow_schema(scan_schema))
            listed = listed.mapInArrow(scan, scan_schema)
            listed = listed.persist(StorageLevel.MEMORY_AND_DISK)
            held.append(listed)
            spans = decide_texts(
                self._tables,
                listed,
                self._text_model.annotate,
                self._text_model.version,
                self._names.key_id,
            )
            shared = self._spark.sparkContext.broadcast(spans)
            decisions = _Shared(shared)
        rows = listed.drop("texts").mapInArrow(write_task(work, decisions), wide)
        rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
        held.append(rows)
        return rows

    def _verdicts(self, rows: DataFrame) -> Verdicts:
        from pyspark.sql import functions as F

        columns = (
            "position",
            "source_id",
            "sop_uid",
            "output_uri",
            "output_sha256",
            "written",
            "status",
            "reason_code",
            "source_bytes",
            "output_bytes",
        )
        instances = rows.where(F.col("instances").isNotNull())
        seen = instances.select(*(f"instances.{column}" for column in columns)).collect()
        claims = [
            Claim(
                row.position,
                row.source_id,
                row.sop_uid,
                row.output_uri,
                row.output_sha256,
                Written(row.written),
            )
            for row in seen
            if row.written
        ]
        verdicts = resolve(claims, self._committed({claim.sop_uid for claim in claims}))
        totals = self.totals
        for row in seen:
            refusal = verdicts.refused.get(row.source_id)
            totals.status[Status.QUARANTINED.value if refusal else row.status] += 1
            reason = refusal[0] if refusal else row.reason_code
            if reason:
                totals.reasons[reason] += 1
            totals.bytes_in += row.source_bytes
            if not refusal and row.source_id not in verdicts.twins:
                totals.bytes_out += row.output_bytes or 0
        return verdicts

    def _committed(self, sop_uids: Iterable[str]) -> dict[str, frozenset[tuple[str, str]]]:
        """What ``instances`` says of these, made in the same way into the same output."""
        from pyspark.sql import functions as F

        if not self._tables.exists("instances"):
            return {}
        asked = self._spark.createDataFrame([(uid,) for uid in sop_uids], "sop_uid STRING")
        rows = (
            self._tables.read("instances")
            .where(
                (F.col("status") == Status.DEIDENTIFIED.value)
                & (F.col("rules_hash") == self._engine.rules_hash)
                & (F.col("stages") == self._engine.stages)
                & (F.col("output_root") == self._output)
            )
            .join(F.broadcast(asked), "sop_uid", "left_semi")
            .groupBy("sop_uid")
            .agg(F.collect_set(F.struct("output_uri", "output_sha256")).alias("contents"))
            .collect()
        )
        return {row.sop_uid: frozenset((c[0], c[1]) for c in row.contents) for row in rows}

    def _commit(self, rows: DataFrame, verdicts: Verdicts) -> None:
        from pyspark.sql import functions as F

        refused = sorted(verdicts.refused)
        frames = {table: rows_of(rows, table) for table in TABLES}
        for table in ("audit", "findings", "catalog"):
            if refused:
                frames[table] = frames[table].where(~F.col("source_id").isin(refused))
        if verdicts.twins:  # one object is one row for who searches
            twins = sorted(verdicts.twins)
            frames["catalog"] = frames["catalog"].where(~F.col("source_id").isin(twins))
        for table in RESTRICTED:
            frames[table] = unknown_rows(self._tables, table, frames[table])
        instances = _judged(frames.pop("instances"), verdicts)
        append_together(self._tables, frames)
        self._tables.append("instances", instances)


class _Shared:
    """Gives a worker the decisions that were broadcast, encrypted on the way."""

    def __init__(self, broadcast: Any):
        self._broadcast = broadcast

    def __call__(self) -> Any:
        return self._broadcast.value


def _judged(instances: DataFrame, verdicts: Verdicts) -> DataFrame:
    """``instances`` with the verdicts on duplicates in them, without the worker's columns."""
    from pyspark.sql import functions as F

    frame = instances.drop("position", "written")
    if verdicts.twins:
        twin = F.col("source_id").isin(sorted(verdicts.twins))
        reason = F.when(twin, F.lit(SAME_CONTENT)).otherwise(F.col("reason"))
        frame = frame.withColumn("reason", reason)
    if verdicts.refused:
        refused = F.col("source_id").isin(sorted(verdicts.refused))
        pairs = [F.lit(part) for key, code in verdicts.refused.items() for part in (key, code[0])]
        codes = F.create_map(*pairs)
        pairs = [F.lit(part) for key, code in verdicts.refused.items() for part in (key, code[1])]
        sentences = F.create_map(*pairs)
        changed = {
            "status": F.lit(Status.QUARANTINED.value),
            "reason_code": codes[F.col("source_id")],
            "reason": sentences[F.col("source_id")],
            "output_uri": F.lit(None).cast("string"),
            "output_bytes": F.lit(None).cast("bigint"),
            "output_sha256": F.lit(None).cast("string"),
        }
        for column, value in changed.items():
            kept = F.when(refused, value).otherwise(F.col(column))
            frame = frame.withColumn(column, kept)
    return frame
