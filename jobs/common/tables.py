"""The Delta tables of a run: made with explicit columns, appended to exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Optional
from uuid import uuid4

from jobs.common.lease import Lease
from jobs.common.schemas import DECISIONS, REIDENTIFICATIONS, RESTRICTED, RUNS, TABLES
from jobs.common.uris import Location

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

SCHEMAS = TABLES | {"runs": RUNS, "decisions": DECISIONS, "reidentifications": REIDENTIFICATIONS}


class Tables:
    """The tables below one folder, the restricted ones below another.

    Parameters
    ----------
    lease : Lease, optional
        Held by who writes; readers need none.
    """

    def __init__(
        self,
        spark: SparkSession,
        root: Location,
        restricted: Optional[Location] = None,
        lease: Optional[Lease] = None,
    ):
        self.spark = spark
        self._root = root
        self._restricted = restricted or root
        self._lease = lease
        # A retried commit is recognised within this process; what a dead process left
        # half done is removed by ``recover`` instead, so each process has its own name.
        self._writer = f"safelight-{uuid4().hex}"

    def path(self, table: str) -> str:
        """Where a table stands."""
        root = self._restricted if table in RESTRICTED else self._root
        return root.child(table).uri

    def exists(self, table: str) -> bool:
        """Whether a table is there."""
        from delta.tables import DeltaTable

        return bool(DeltaTable.isDeltaTable(self.spark, self.path(table)))

    def read(self, table: str) -> DataFrame:
        """The rows of a table; none if it is not there yet."""
        if not self.exists(table):
            return self.spark.createDataFrame([], SCHEMAS[table])
        return self.spark.read.format("delta").load(self.path(table))

    def append(self, table: str, rows: DataFrame, version: int) -> None:
        """Append rows once, also if Spark or the caller tries again.

        Parameters
        ----------
        version : int
            Rising with each append of this process to this table.
        """
        if self._lease is not None:
            self._lease.check()
        writer = rows.write.format("delta").mode("append")
        writer = writer.option("txnAppId", f"{self._writer}-{table}").option("txnVersion", version)
        writer.save(self.path(table))

    def append_rows(self, table: str, rows: Iterable[dict[str, Any]], version: int) -> None:
        """Append rows that the driver has."""
        from pyspark.sql.types import _parse_datatype_string

        schema: Any = _parse_datatype_string(SCHEMAS[table])
        values = [tuple(row.get(field.name) for field in schema) for row in rows]
        self.append(table, self.spark.createDataFrame(values, schema).coalesce(1), version)

    def update(self, table: str, condition: Column, values: dict[str, Any]) -> None:
        """Set columns of the rows that a condition names."""
        from delta.tables import DeltaTable

        if self._lease is not None:
            self._lease.check()
        target = DeltaTable.forPath(self.spark, self.path(table))
        target.update(condition, {name: _literal(value) for name, value in values.items()})

    def recover(self) -> int:
        """Remove what runs that died left behind.

        A batch counts once ``instances`` has it, which is written last. Rows of a batch that
        never came so far are removed here, before the same sources are processed again.

        Returns
        -------
        int
            Runs that had died.
        """
        from delta.tables import DeltaTable
        from pyspark.sql import functions as F

        if not self.exists("runs"):
            return 0
        dead = [
            row.run_id
            for row in self.read("runs").where("outcome = 'running'").select("run_id").collect()
        ]
        for run_id in dead:
            committed = {
                row.batch
                for row in self.read("instances")
                .where(F.col("run_id") == run_id)
                .select("batch")
                .distinct()
                .collect()
            }
            for table in TABLES:
                if table == "instances" or not self.exists(table):
                    continue
                column = "first_run_id" if table in RESTRICTED else "run_id"
                stale = (F.col(column) == run_id) & ~F.col("batch").isin(sorted(committed))
                DeltaTable.forPath(self.spark, self.path(table)).delete(stale)
            self.update(
                "runs",
                (F.col("run_id") == run_id) & (F.col("outcome") == "running"),
                {"outcome": "interrupted", "ended_at": datetime.now(timezone.utc)},
            )
        return len(dead)


def _literal(value: Any) -> Any:
    from pyspark.sql import functions as F

    if isinstance(value, dict):
        pairs = [F.lit(part) for pair in value.items() for part in pair]
        return F.create_map(*pairs)
    return F.lit(value)
