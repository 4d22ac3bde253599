"""The Delta tables of a run: made with explicit columns, appended to exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Optional
from uuid import uuid4

import pyarrow as pa

from jobs.common.columns import arrow_schema
from jobs.common.delta import DeltaAppender
from jobs.common.lease import Lease
from jobs.common.schemas import (
    DECISIONS,
    NOTES_TABLES,
    REIDENTIFICATIONS,
    RESTRICTED,
    RUNS,
    TABLES,
)
from jobs.common.uris import Location

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

SCHEMAS = (
    TABLES
    | NOTES_TABLES
    | {"runs": RUNS, "decisions": DECISIONS, "reidentifications": REIDENTIFICATIONS}
)


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
        # Delta knows a commit again by writer and number when it is tried twice; what a dead
        # process left half done is removed by ``journal.recover``.
        self._writer = f"safelight-{uuid4().hex}"
        self._versions: Counter[str] = Counter()
        self._appenders: dict[str, DeltaAppender] = {}

    def _place(self, table: str) -> Location:
        root = self._restricted if table in RESTRICTED else self._root
        return root.child(table)

    def _appender(self, table: str) -> DeltaAppender:
        return self._appenders.setdefault(table, DeltaAppender(self._place(table)))

    def path(self, table: str) -> str:
        """Where a table stands."""
        return self._place(table).uri

    def exists(self, table: str) -> bool:
        """Whether a table is there."""
        return self._appender(table).exists

    def check(self, names: Iterable[str]) -> None:
        """Fail if one of these tables cannot take our rows.

        Raises
        ------
        JobFailure
        """
        for table in names:
            self._appender(table).check(arrow_schema(SCHEMAS[table]))

    def read(self, table: str) -> DataFrame:
        """The rows of a table; none if it is not there yet."""
        if not self.exists(table):
            return self.spark.createDataFrame([], SCHEMAS[table])
        return self.spark.read.format("delta").load(self.path(table))

    def check_lease(self) -> None:
        """Fail if the right to write was lost."""
        if self._lease is not None:
            self._lease.check()

    def append(self, table: str, rows: DataFrame) -> None:
        """Append rows that the cluster has, once also if the commit is tried again."""
        self.check_lease()
        version = self._versions[table]
        self._versions[table] += 1
        writer = rows.write.format("delta").mode("append")
        writer = writer.option("txnAppId", f"{self._writer}-{table}").option("txnVersion", version)
        writer.save(self.path(table))

    def append_arrow(self, table: str, rows: pa.Table) -> None:
        """Append rows that the driver has."""
        self.check_lease()
        self._appender(table).append(rows)

    def append_rows(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Append a few rows that the driver has."""
        schema = arrow_schema(SCHEMAS[table])
        self.append_arrow(table, pa.Table.from_pylist(list(rows), schema))

    def update(self, table: str, condition: Column, values: dict[str, Any]) -> None:
        """Set columns of the rows that a condition names."""
        from delta.tables import DeltaTable

        self.check_lease()
        target = DeltaTable.forPath(self.spark, self.path(table))
        target.update(condition, {name: _literal(value) for name, value in values.items()})


def _literal(value: Any) -> Any:
    from pyspark.sql import functions as F

    if isinstance(value, dict):
        pairs = [F.lit(part) for pair in value.items() for part in pair]
        return F.create_map(*pairs)
    return F.lit(value)
