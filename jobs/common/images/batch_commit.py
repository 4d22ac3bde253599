"""The rows of one batch in the driver: judged for duplicates, then committed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.delta.columns import arrow_schema, columns_of
from jobs.common.delta.schemas import TABLE_KEYS, TABLES
from jobs.common.delta.table_set import Tables
from jobs.common.run.duplicates import SAME_CONTENT, DuplicateResolution, OutputClaim, resolve
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import Payload, concat_payloads
from jobs.common.storage.backend import WriteOutcome
from safelight.records import Status

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Tables that speak of what was written: nothing of a refused source stands there.
_OF_OBJECTS = ("audit", "findings", "catalog")


class BatchRows:
    """What the workers said of one batch.

    Parameters
    ----------
    payloads : sequence
        Rows by table, as the tasks handed them over.
    """

    def __init__(self, payloads: Sequence[Payload]):
        self._payloads = payloads
        instances = concat_payloads(payloads, "instances")
        assert instances is not None, "a batch has a source"
        self._instances = instances.sort_by("position")

    def verdicts(
        self, tables: Tables, deidentifier: DeidentifierConfig, output: str
    ) -> DuplicateResolution:
        """Decide between sources that claim the same SOP Instance UID."""
        columns = ("position", "source_id", "sop_uid", "output_uri", "output_sha256", "written")
        written = self._instances.filter(pc.is_valid(self._instances["written"]))
        claims = [
            OutputClaim(position, source, sop_uid, uri, sha256, WriteOutcome(found))
            for position, source, sop_uid, uri, sha256, found in zip(
                *(written[column].to_pylist() for column in columns)
            )
        ]
        return resolve(claims, _committed(tables, deidentifier, output, claims))

    def commit(self, tables: Tables, verdicts: DuplicateResolution) -> pa.Table:
        """Append the rows to all tables, ``instances`` last; its rows.

        Only then does the rest count, so the others may go at the same time.
        """
        others = [table for table in TABLES if table != "instances"]
        with ThreadPoolExecutor(len(others)) as pool:
            commits = [pool.submit(self._append, tables, table, verdicts) for table in others]
            for commit in commits:
                commit.result()
        instances = _judged(self._instances, verdicts)
        tables.append_arrow("instances", instances)
        return instances

    def _append(self, tables: Tables, table: str, verdicts: DuplicateResolution) -> None:
        rows = concat_payloads(self._payloads, table)
        if rows is None:
            return
        if table in _OF_OBJECTS:
            rows = _without(rows, verdicts.refused)
        if table == "catalog":  # one object is one row for who searches
            rows = _without(rows, verdicts.twins)
        if table in TABLE_KEYS:
            rows = _new_rows(tables, table, rows)
        if len(rows):
            tables.append_arrow(table, rows)


def _without(rows: pa.Table, sources: Collection[str]) -> pa.Table:
    if not sources:
        return rows
    return rows.filter(pc.invert(_among(rows["source_id"], sources)))


def _among(column: Any, values: Collection[str]) -> Any:
    return pc.is_in(column.cast(pa.string()), pa.array(sorted(values), pa.string()))


def _committed(
    tables: Tables, deidentifier: DeidentifierConfig, output: str, claims: Iterable[OutputClaim]
) -> dict[str, frozenset[tuple[str, str]]]:
    """What ``instances`` says of these, made in the same way into the same output."""
    if not tables.exists("instances"):
        return {}
    from pyspark.sql import functions as F

    sop_uids = {claim.sop_uid for claim in claims}
    asked = tables.spark.createDataFrame([(uid,) for uid in sop_uids], "sop_uid STRING")
    rows = (
        tables.read("instances")
        .where(
            (F.col("status") == Status.DEIDENTIFIED.value)
            & (F.col("rules_hash") == deidentifier.rules_hash)
            & (F.col("stages") == deidentifier.stages)
            & (F.col("output_root") == output)
        )
        .join(F.broadcast(asked), "sop_uid", "left_semi")
        .groupBy("sop_uid")
        .agg(F.collect_set(F.struct("output_uri", "output_sha256")).alias("contents"))
        .collect()
    )
    return {row.sop_uid: frozenset((c[0], c[1]) for c in row.contents) for row in rows}


def _new_rows(tables: Tables, table: str, rows: pa.Table) -> pa.Table:
    """Rows of a restricted table that it does not have yet, each once."""
    keys = TABLE_KEYS[table]
    first: dict[tuple[str, ...], int] = {}
    for number, key in enumerate(zip(*(rows[column].to_pylist() for column in keys))):
        first.setdefault(key, number)
    if tables.exists(table):
        from pyspark.sql import functions as F

        ddl = ", ".join(f"{column} STRING" for column in keys)
        asked: DataFrame = tables.spark.createDataFrame(list(first), ddl)
        there = tables.read(table).select(*keys)
        for row in there.join(F.broadcast(asked), list(keys), "left_semi").distinct().collect():
            first.pop(tuple(row), None)
    return rows.take(pa.array(first.values(), pa.int64()))


def _judged(instances: pa.Table, verdicts: DuplicateResolution) -> pa.Table:
    """``instances`` with the verdicts on duplicates in them, without the worker's columns."""
    schema = arrow_schema(TABLES["instances"])
    plain = instances.select(list(columns_of(TABLES["instances"])))
    touched = verdicts.refused.keys() | verdicts.twins
    if not touched:
        return plain
    concerned = _among(plain["source_id"], touched)
    judged = []
    for row in plain.filter(concerned).to_pylist():
        refusal = verdicts.refused.get(row["source_id"])
        changed: dict[str, Any] = {"reason": SAME_CONTENT}
        if refusal:
            changed = {
                "status": Status.QUARANTINED.value,
                "reason_code": refusal[0],
                "reason": refusal[1],
                "output_uri": None,
                "output_bytes": None,
                "output_sha256": None,
            }
        judged.append(row | changed)
    kept = plain.filter(pc.invert(concerned))
    return pa.concat_tables([kept, pa.Table.from_pylist(judged, schema)])
