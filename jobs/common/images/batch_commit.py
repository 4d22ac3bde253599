"""Resolve duplicates among the rows of one batch in the driver, then commit the rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.delta.schemas import IMAGE_TABLES, TABLE_KEYS, table_schema
from jobs.common.delta.table_set import Tables
from jobs.common.run.duplicates import (
    SAME_CONTENT,
    DuplicateResolution,
    OutputClaim,
    OutputContent,
    resolve_duplicates,
)
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import Payload, concat_payloads
from jobs.common.storage.backend import WriteOutcome
from safelight.records import Status

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Tables about output objects; they have no rows of a refused source.
_OBJECT_TABLES = ("audit", "findings", "catalog")


class BatchRows:
    """The rows of one batch.

    Parameters
    ----------
    payloads : sequence of Payload
        Rows of the tasks by table. ``instances`` has the columns of
        :class:`jobs.common.images.recorder.WorkerInstanceRow`.
    """

    def __init__(self, payloads: Sequence[Payload]):
        self._payloads = payloads
        instances = concat_payloads(payloads, "instances")
        assert instances is not None, "a batch has a source"
        self._instances = instances.sort_by("position")

    def resolve(
        self, tables: Tables, deidentifier: DeidentifierConfig, output: str
    ) -> DuplicateResolution:
        """Decide between sources with the same SOP Instance UID.

        Parameters
        ----------
        tables : Tables
        deidentifier : DeidentifierConfig
        output : str
            URI of the folder of the output.
        """
        columns = ("position", "source_id", "sop_uid", "output_uri", "output_sha256", "written")
        written = self._instances.filter(pc.is_valid(self._instances["written"]))
        claims = [
            OutputClaim(position, source_id, sop_uid, uri, sha256, WriteOutcome(outcome))
            for position, source_id, sop_uid, uri, sha256, outcome in zip(
                *(written[column].to_pylist() for column in columns)
            )
        ]
        committed = _read_committed(tables, deidentifier, output, claims)
        return resolve_duplicates(claims, committed)

    def commit(self, tables: Tables, resolution: DuplicateResolution) -> pa.Table:
        """Append the rows to all tables, to ``instances`` last.

        The rows of ``instances`` make the others count, so the others are appended in parallel.

        Parameters
        ----------
        tables : Tables
            Tables of the run.
        resolution : DuplicateResolution
            Decisions of :meth:`resolve`, applied to the rows before they are appended.

        Returns
        -------
        pyarrow.Table
            The committed rows of ``instances``.

        Raises
        ------
        JobError
            If the lease was lost, or a table cannot be read or changed.
        """
        others = [table for table in IMAGE_TABLES if table != "instances"]
        with ThreadPoolExecutor(len(others)) as pool:
            commits = [pool.submit(self._append, tables, table, resolution) for table in others]
            for commit in commits:
                commit.result()
        instances = _apply_resolution(self._instances, resolution)
        tables.append_arrow("instances", instances)
        return instances

    def _append(self, tables: Tables, table: str, resolution: DuplicateResolution) -> None:
        rows = concat_payloads(self._payloads, table)
        if rows is None:
            return
        if table in _OBJECT_TABLES:
            rows = _exclude_sources(rows, resolution.refused)
        if table == "catalog":  # one row per output object
            rows = _exclude_sources(rows, resolution.same_content)
        if table in TABLE_KEYS:
            rows = _select_unknown(tables, table, rows)
        if len(rows):
            tables.append_arrow(table, rows)


def _exclude_sources(rows: pa.Table, source_ids: Collection[str]) -> pa.Table:
    if not source_ids:
        return rows
    return rows.filter(pc.invert(_is_in(rows["source_id"], source_ids)))


def _is_in(column: pa.ChunkedArray, values: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(column.cast(pa.string()), pa.array(sorted(values), pa.string()))


def _read_committed(
    tables: Tables, deidentifier: DeidentifierConfig, output: str, claims: Iterable[OutputClaim]
) -> dict[str, frozenset[OutputContent]]:
    """Return the committed contents of the same output, rules and stages by SOP Instance UID."""
    if not tables.exists("instances"):
        return {}
    from pyspark.sql import functions

    sop_uids = {claim.sop_uid for claim in claims}
    wanted = tables.spark.createDataFrame([(uid,) for uid in sop_uids], "sop_uid STRING")
    content = functions.struct("output_uri", "output_sha256")
    rows = (
        tables.read("instances")
        .where(
            (functions.col("status") == Status.DEIDENTIFIED.value)
            & (functions.col("rules_hash") == deidentifier.rules_hash)
            & (functions.col("stages") == deidentifier.stages)
            & (functions.col("output_root") == output)
        )
        .join(functions.broadcast(wanted), "sop_uid", "left_semi")
        .groupBy("sop_uid")
        .agg(functions.collect_set(content).alias("contents"))
        .collect()
    )
    return {row.sop_uid: frozenset(OutputContent(*c) for c in row.contents) for row in rows}


def _select_unknown(tables: Tables, table: str, rows: pa.Table) -> pa.Table:
    """Return the rows that a restricted table lacks, each once."""
    keys = TABLE_KEYS[table]
    first: dict[tuple[str, ...], int] = {}
    for number, key in enumerate(zip(*(rows[column].to_pylist() for column in keys))):
        first.setdefault(key, number)
    if tables.exists(table):
        from pyspark.sql import functions

        schema = ", ".join(f"{column} STRING" for column in keys)
        wanted: DataFrame = tables.spark.createDataFrame(list(first), schema)
        known = tables.read(table).select(*keys)
        known = known.join(functions.broadcast(wanted), list(keys), "left_semi").distinct()
        for row in known.collect():
            first.pop(tuple(row), None)
    return rows.take(pa.array(first.values(), pa.int64()))


def _apply_resolution(instances: pa.Table, resolution: DuplicateResolution) -> pa.Table:
    """Return ``instances`` with the resolution applied, without the columns of the worker."""
    schema = table_schema("instances")
    rows = instances.select(schema.names)
    changed_ids = resolution.refused.keys() | resolution.same_content
    if not changed_ids:
        return rows
    is_changed = _is_in(rows["source_id"], changed_ids)
    changed = []
    for row in rows.filter(is_changed).to_pylist():
        values: dict[str, Any] = {"reason": SAME_CONTENT}
        refusal = resolution.refused.get(row["source_id"])
        if refusal:
            values = {
                "status": Status.QUARANTINED.value,
                "reason_code": refusal[0],
                "reason": refusal[1],
                "output_uri": None,
                "output_bytes": None,
                "output_sha256": None,
            }
        changed.append(row | values)
    unchanged = rows.filter(pc.invert(is_changed))
    return pa.concat_tables([unchanged, pa.Table.from_pylist(changed, schema)])
