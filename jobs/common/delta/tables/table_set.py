"""The Delta tables of a run: explicit schemas, appends that are committed exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Optional, Union
from uuid import uuid4

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.delta.data_files import DataFile, parse_batch
from jobs.common.delta.key_digests import digest_keys
from jobs.common.delta.known_keys import KNOWN_KEYS_MAX_ROWS, KnownKeys, MemoryKeys, SparkKeys
from jobs.common.delta.lease import Lease
from jobs.common.delta.rows import TableRow
from jobs.common.delta.schemas import (
    IMAGE_TABLES,
    NOTES_TABLES,
    TABLE_KEYS,
    table_schema,
)
from jobs.common.delta.sql_literals import sql_literal
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.folders import EARLIER_NAMES, TableFolders
from jobs.common.storage.location import Location

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Sources whose rows are deleted in one commit.
_DELETED_SOURCES = 5000


class Tables(TableFolders):
    """The tables below one folder; the restricted ones may be below another.

    Parameters
    ----------
    spark : SparkSession, callable or None
        The session, or a callable that starts it. It is used only for what needs a cluster. None
        if the command never needs one.
    root : Location
        Folder of the tables.
    restricted : Location, optional
        Folder of the tables with originals and source URIs (default: ``root``).
    lease : Lease, optional
        Lease of the writer; readers need none.
    elsewhere : set of str
        Tables that another store holds. They do not exist here, and their folders are never read:
        the caller may lack the permission.
    """

    def __init__(
        self,
        spark: Union[SparkSession, Callable[[], SparkSession], None],
        root: Location,
        restricted: Optional[Location] = None,
        lease: Optional[Lease] = None,
        elsewhere: AbstractSet[str] = frozenset(),
    ):
        super().__init__(root, restricted, lease.token if lease else 0, elsewhere)
        self._spark_or_factory = spark
        self._lease = lease
        # Delta recognizes a repeated commit by application ID and version. `run_journal.recover`
        # removes the rows of incomplete batches of a dead process.
        self._application_id = f"safelight-{uuid4().hex}"
        self._versions: Counter[str] = Counter()

    @cached_property
    def spark(self) -> SparkSession:
        """Return the session; start it if it was not needed before."""
        given = self._spark_or_factory
        if given is None:
            raise AssertionError("these tables were opened without a Spark session")
        return given() if callable(given) else given

    @property
    def has_session(self) -> bool:
        """True if a Spark session was given or has started, so that its use costs no start."""
        given = self._spark_or_factory
        return (given is not None and not callable(given)) or "spark" in self.__dict__

    def evolve(self, tables: Iterable[str]) -> None:
        """Add the columns that tables of an earlier version of this software lack.

        Raises
        ------
        JobError
            If a column has another type, or a table cannot be read or changed.
        """
        for table in tables:
            if not self.is_elsewhere(table):
                self._evolved(table)

    def _evolved(self, table: str) -> DeltaFolder:
        folder = self.folder(table)
        folder.evolve(table_schema(table))
        return folder

    def read(self, table: str) -> DataFrame:
        """Return the rows of a table; none if it does not exist.

        Columns that a table of an earlier version lacks are null. Rows of the earlier name of
        the table are included.
        """
        frame = self._read_folder(table, table)
        earlier = EARLIER_NAMES.get(table)
        if earlier is None or not self.folder(earlier).exists:
            return frame
        columns = table_schema(table).names
        earlier_frame = self._read_folder(earlier, table).select(columns)
        return frame.select(columns).unionByName(earlier_frame)

    def _read_folder(self, name: str, table: str) -> DataFrame:
        from pyspark.sql import functions as F

        schema = spark_schema(table_schema(table))
        if not self.folder(name).exists:
            return self.spark.createDataFrame([], schema)
        frame = self.spark.read.format("delta").load(self.path(name))
        missing = [field for field in schema.fields if field.name not in frame.columns]
        for field in missing:
            frame = frame.withColumn(field.name, F.lit(None).cast(field.dataType))
        return frame.select(schema.names) if missing else frame

    def rows(
        self, table: str, columns: Sequence[str], condition: Optional[ds.Expression] = None
    ) -> Iterator[dict[str, Any]]:
        """Yield columns of the rows that meet a condition, without Spark; see :meth:`batches`.

        Parameters
        ----------
        table : str
            Name of the table.
        columns : sequence of str
            Names of the columns to read.
        condition : pyarrow.dataset.Expression
            Condition that the rows must meet.

        Yields
        ------
        dict
            Values of one row by column.

        Raises
        ------
        JobError
            If the table cannot be opened, or needs a feature that this reader does not support.
        """
        for batch in self.batches(table, columns, condition):
            yield from batch.to_pylist()

    def batches(
        self, table: str, columns: Sequence[str], condition: Optional[ds.Expression] = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield columns of the rows that meet a condition as Arrow batches, without Spark.

        There are none if the table does not exist. Rows of the earlier name of the table are not
        included. Columns that a table of an earlier version lacks are null.

        Parameters
        ----------
        table : str
            Name of the table.
        columns : sequence of str
            Names of the columns to read.
        condition : pyarrow.dataset.Expression, optional
            Condition that the rows must meet (default: all rows).

        Yields
        ------
        pyarrow.RecordBatch
            Rows of a part of one file.

        Raises
        ------
        JobError
            If the table cannot be opened, or needs a feature that this reader does not support.
        """
        return self.folder(table).batches(columns, condition, table_schema(table))

    def check_lease(self) -> None:
        """Raise if the lease was lost.

        Raises
        ------
        JobError
        """
        if self._lease is not None:
            self._lease.check()

    def append_frame(self, table: str, rows: DataFrame) -> None:
        """Append rows that the cluster holds; a repeated commit adds them once.

        Parameters
        ----------
        table : str
            Name of the table.
        rows : DataFrame
            Rows with the columns of the table.

        Raises
        ------
        JobError
            If the lease was lost, a column has another type, or the table cannot be read or
            changed.
        """
        self.check_lease()
        self._evolved(table)
        version = self._versions[table]
        self._versions[table] += 1
        writer = rows.write.format("delta").mode("append")
        writer = writer.option("txnAppId", f"{self._application_id}-{table}")
        writer.option("txnVersion", version).save(self.path(table))

    def append_arrow(self, table: str, rows: pa.Table) -> None:
        """Append rows in Arrow that the driver holds.

        Parameters
        ----------
        table : str
            Name of the table.
        rows : pyarrow.Table
            Rows with the columns of the table.

        Raises
        ------
        JobError
            If the lease was lost, a column has another type, or the table cannot be read or
            changed.
        """
        self.check_lease()
        self._evolved(table).append(rows)

    def append_file(self, table: str, path: str) -> None:
        """Append the rows of a local file, which may be more than the memory of the driver.

        Parameters
        ----------
        table : str
            Name of the table.
        path : str
            Path of a file of :class:`jobs.common.delta.row_file.RowFileWriter`.

        Raises
        ------
        JobError
            If the lease was lost, a column has another type, or the table cannot be read or
            changed.
        """
        self.check_lease()
        self._evolved(table).append_file(path)

    def append_records(self, table: str, records: Iterable[Mapping[str, object]]) -> None:
        """Append rows that the driver holds as mappings from column to value.

        Parameters
        ----------
        table : str
            Name of the table.
        records : iterable of mapping
            Values by column; a column that a record lacks is null.

        Raises
        ------
        JobError
            If the lease was lost, a column has another type, or the table cannot be read or
            changed.
        """
        schema = table_schema(table)
        self.append_arrow(table, pa.Table.from_pylist(list(records), schema))

    def append_rows(self, rows: Sequence[TableRow]) -> None:
        """Append one or more rows of one table."""
        self.append_records(rows[0].table, map(asdict, rows))

    def commit_files(self, table: str, files: Sequence[DataFile], batch: tuple[str, int]) -> None:
        """Add data files to a table in one commit; a repeated commit adds them once.

        The table is created, or gets the columns that it lacks, if needed.

        Parameters
        ----------
        table : str
            Name of the table.
        files : sequence of DataFile
            Files of :func:`jobs.common.delta.data_files.write_data_file`; none commit nothing.
        batch : tuple of str and int
            ID of the run and number of the batch. A table has at most one commit per batch.

        Raises
        ------
        JobError
            If the lease was lost, a column has another type, or the table cannot be read or
            changed.
        """
        if not files:
            return
        self.check_lease()
        run_id, number = batch
        application_id = f"{self._application_id}-{run_id}"
        self.folder(table).commit(files, table_schema(table), application_id, number)

    def known_keys(self, table: str) -> KnownKeys:
        """Return the keys of the rows of a restricted table, as they are now.

        Parameters
        ----------
        table : str
            Name of the table; a key of :data:`jobs.common.delta.schemas.TABLE_KEYS`.

        Returns
        -------
        KnownKeys
            Keys in memory, or in a persisted frame if the table has more than
            :data:`jobs.common.delta.known_keys.KNOWN_KEYS_MAX_ROWS` rows.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        columns = TABLE_KEYS[table]
        if self.row_count(table) > KNOWN_KEYS_MAX_ROWS:
            return SparkKeys(self.read(table), columns)
        batches = self.batches(table, columns)
        digests = [digest_keys(pa.Table.from_batches([batch]), columns) for batch in batches]
        return MemoryKeys(b"".join(digests))

    def row_count(self, table: str) -> int:
        """Return the number of rows of a table from its log; 0 if the table does not exist.

        Rows of the earlier name of the table are not included.

        Parameters
        ----------
        table : str
            Name of the table.

        Returns
        -------
        int
            Number of rows.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        return self.folder(table).row_count()

    def delete_sources(self, table: str, run_id: str, source_ids: Iterable[str]) -> None:
        """Delete the rows of one run about sources; without Spark.

        Parameters
        ----------
        table : str
            Name of a table with the columns ``run_id`` and ``source_id``.
        run_id : str
            ID of the run.
        source_ids : iterable of str
            IDs of the sources.

        Raises
        ------
        JobError
            If the lease was lost, or the table cannot be changed.
        """
        ordered = sorted(source_ids)
        for begin in range(0, len(ordered), _DELETED_SOURCES):
            self.check_lease()
            quoted = ", ".join(map(sql_literal, ordered[begin : begin + _DELETED_SOURCES]))
            condition = f"run_id = {sql_literal(run_id)} AND source_id IN ({quoted})"
            self.folder(table).delete_rows(condition)

    def fence(self) -> None:
        """Let the commits of earlier holders of the lease fail, in all tables of runs.

        Raises
        ------
        JobError
            If the lease was lost, or a table cannot be read or changed.
        """
        self.check_lease()
        for table in dict.fromkeys((*IMAGE_TABLES, *NOTES_TABLES, "annotations", "runs")):
            if not self.is_elsewhere(table):
                self.folder(table).fence()

    def delete(self, table: str, condition: str) -> int:
        """Delete the rows that meet a condition, without Spark.

        Parameters
        ----------
        table : str
            Name of the table, which must exist.
        condition : str
            Condition in SQL; see :func:`jobs.common.delta.sql_literals.sql_literal`.

        Returns
        -------
        int
            Number of deleted rows.

        Raises
        ------
        JobError
            If the lease was lost, or the table cannot be read or changed.
        """
        self.check_lease()
        return self.folder(table).delete_rows(condition)

    def update(self, table: str, key: Mapping[str, object], values: Mapping[str, object]) -> None:
        """Set columns of the rows with a key, without Spark.

        Parameters
        ----------
        table : str
            Name of the table, which must exist.
        key : mapping
            Values by column that the rows must have.
        values : mapping
            New values by column; a ``dict`` sets a map column.

        Raises
        ------
        JobError
            If the lease was lost, or the table cannot be read or changed.
        """
        self.check_lease()
        condition = " AND ".join(f"{name} = {sql_literal(value)}" for name, value in key.items())
        updates = {name: sql_literal(value) for name, value in values.items()}
        self.folder(table).update(condition, updates)

    def delete_uncommitted_files(self, table: str, run_id: str, committed: Container[int]) -> None:
        """Delete data files of a dead run that its table does not refer to.

        Parameters
        ----------
        table : str
            Name of the table, which may not exist yet.
        run_id : str
            ID of the run.
        committed : container of int
            Committed batches, whose files are left to ``safelight tables optimize``: readers of
            an earlier version of the table may need them.

        Raises
        ------
        JobError
            If the lease was lost, or the table cannot be read.
        OSError or botocore.exceptions.ClientError
            If a file cannot be deleted.
        """

        def is_stale(name: str) -> bool:
            batch = parse_batch(run_id, name)
            return batch is not None and batch not in committed

        self.check_lease()
        if not self.is_elsewhere(table):
            self.folder(table).delete_unreferenced(f"{run_id}-", is_stale)
