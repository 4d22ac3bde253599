"""The Delta tables of a run: made with explicit columns, appended to exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Optional, Union
from uuid import uuid4

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.delta.columns import arrow_schema
from jobs.common.delta.lease import Lease
from jobs.common.delta.schemas import (
    DECISIONS,
    NOTES_TABLES,
    REIDENTIFICATIONS,
    RELEASES,
    RESTRICTED,
    RUNS,
    TABLES,
)
from jobs.common.delta.table import DeltaFolder
from jobs.common.storage.location import Location

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

SCHEMAS = (
    TABLES
    | NOTES_TABLES
    | {"runs": RUNS, "decisions": DECISIONS, "reidentifications": REIDENTIFICATIONS}
    | {"releases": RELEASES}
)


class Tables:
    """The tables below one folder, the restricted ones below another.

    Parameters
    ----------
    spark : SparkSession, or callable that gives one
        Asked only for what needs a cluster.
    lease : Lease, optional
        Held by who writes; readers need none.
    """

    def __init__(
        self,
        spark: Union[SparkSession, Callable[[], SparkSession]],
        root: Location,
        restricted: Optional[Location] = None,
        lease: Optional[Lease] = None,
    ):
        self._given = spark
        self._root = root
        self._restricted = restricted or root
        self._lease = lease
        # Delta knows a commit again by writer and number when it is tried twice; what a dead
        # process left half done is removed by ``journal.recover``.
        self._writer = f"safelight-{uuid4().hex}"
        self._versions: Counter[str] = Counter()
        self._folders: dict[str, DeltaFolder] = {}

    @cached_property
    def spark(self) -> SparkSession:
        """The session; it is started now if it was not needed before."""
        return self._given() if callable(self._given) else self._given

    def _place(self, table: str) -> Location:
        root = self._restricted if table in RESTRICTED else self._root
        return root.child(table)

    def _folder(self, table: str) -> DeltaFolder:
        return self._folders.setdefault(table, DeltaFolder(self._place(table)))

    def path(self, table: str) -> str:
        """Where a table stands."""
        return self._place(table).uri

    def exists(self, table: str) -> bool:
        """Whether a table is there."""
        return self._folder(table).exists

    def check(self, names: Iterable[str]) -> None:
        """Fail if one of these tables cannot take our rows.

        Raises
        ------
        JobError
        """
        for table in names:
            self._folder(table).check(arrow_schema(SCHEMAS[table]))

    def read(self, table: str) -> DataFrame:
        """The rows of a table; none if it is not there yet."""
        if not self.exists(table):
            return self.spark.createDataFrame([], SCHEMAS[table])
        return self.spark.read.format("delta").load(self.path(table))

    def rows(
        self, table: str, columns: Sequence[str], condition: ds.Expression
    ) -> Iterator[dict[str, Any]]:
        """Some columns of some rows, one by one and without Spark; none if it is not there."""
        return self._folder(table).rows(columns, condition)

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
        self._folder(table).append(rows)

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
