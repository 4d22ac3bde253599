"""Read one Delta table without Spark: in milliseconds instead of seconds."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import DeltaError

from jobs.common.cli.errors import JobError
from jobs.common.delta.dataset import open_dataset
from jobs.common.delta.storage_options import make_storage_options
from jobs.common.delta.tables.errors import RETRY_WAITS_SECONDS, describe_table_error, may_pass
from jobs.common.delta.tables.properties import check_protocol, check_reader
from jobs.common.storage.location import Location


@dataclass(frozen=True)
class TableSnapshot:
    """The current version of a table.

    Attributes
    ----------
    version : int
        Version of the table.
    reader, writer : int
        Versions of the protocol that a client must support.
    file_sizes : list of int
        Bytes of each data file.
    """

    version: int
    reader: int
    writer: int
    file_sizes: list[int]


class TableReader:
    """Reader of the Delta table in one folder, which may not exist yet.

    Parameters
    ----------
    location : Location
        Folder of the table.
    """

    def __init__(self, location: Location):
        self._location = location
        self._found = False
        self._lock = Lock()
        self._table: Optional[DeltaTable] = None
        self._options: dict[str, str] = {}

    @property
    def exists(self) -> bool:
        """Return whether the table exists."""
        if not self._found:
            self._found = DeltaTable.is_deltatable(
                self._location.uri, make_storage_options(self._location)
            )
        return self._found

    @property
    def _name(self) -> str:
        return self._location.path.rstrip("/").rpartition("/")[2]

    def rows(
        self, columns: Sequence[str], condition: Optional[ds.Expression] = None
    ) -> Iterator[dict[str, Any]]:
        """Yield columns of the rows that meet a condition, in a stream.

        Only the requested columns are read, and no file whose statistics exclude the condition.
        Rows are not kept, so the table may have any size.

        Parameters
        ----------
        columns : sequence of str
        condition : pyarrow.dataset.Expression, optional
            Without it, all rows are read.

        Raises
        ------
        JobError
            If the table needs a feature that this reader does not support.
        """
        for batch in self.batches(columns, condition):
            yield from batch.to_pylist()

    def batches(
        self,
        columns: Sequence[str],
        condition: Optional[ds.Expression] = None,
        schema: Optional[pa.Schema] = None,
        read_files: Optional[set[str]] = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield columns of the rows that meet a condition as Arrow batches; see :meth:`rows`.

        Parameters
        ----------
        columns : sequence of str
            Names of the columns to read.
        condition : pyarrow.dataset.Expression, optional
            Without it, all rows are read.
        schema : pyarrow.Schema, optional
            Columns of this version of the software; those that the table lacks are null.
        read_files : set of str, optional
            Paths of the files that were read before, which are left out. The paths of the files
            that are read are added at the end.

        Yields
        ------
        pyarrow.RecordBatch
            Rows of a part of one file.

        Raises
        ------
        JobError
            If the table needs a feature that this reader does not support.
        """
        if not self.exists:
            return
        dataset = self._dataset(schema, condition, read_files or ())
        yield from dataset.to_batches(columns=list(columns), filter=condition)
        if read_files is not None:
            read_files.update(dataset.files)

    def _dataset(
        self,
        schema: Optional[pa.Schema],
        condition: Optional[ds.Expression],
        read_files: Collection[str],
    ) -> ds.FileSystemDataset:
        table = self._open()
        check_reader(table, self._name)
        columns = pa.schema(table.schema().to_arrow())
        for field in schema or ():
            if field.name not in columns.names:
                columns = columns.append(field)
        options = make_storage_options(self._location)
        try:
            return open_dataset(table, columns, options, condition, read_files)
        except (DeltaError, OSError) as error:
            raise self._error("read", error) from None

    def version(self) -> int:
        """Return the newest version; -1 if the table does not exist.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        return self._open().version() if self.exists else -1

    def row_count(self) -> int:
        """Return the number of rows, which the log of the table states.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        if not self.exists:
            return 0
        table = self._open()
        actions = pa.table(table.get_add_actions())
        if "num_records" not in actions.column_names or actions["num_records"].null_count:
            return int(table.count())  # a client has written files without statistics
        return int(pc.sum(actions["num_records"]).as_py() or 0)

    def schema(self) -> pa.Schema:
        """Return the columns of a table that exists.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        return pa.schema(self._open().schema().to_arrow())

    def data_files(self) -> list[str]:
        """Return the paths of the data files of the newest version, in the folder of the table.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read.
        """
        if not self.exists:
            return []
        table = self._open_supported()
        if table.metadata().partition_columns:
            raise JobError(
                f"the Delta table {self._name} was partitioned by another client, so its files "
                "cannot be changed one by one; rewrite it without partitions"
            )
        return sorted(pa.table(table.get_add_actions())["path"].to_pylist())

    def snapshot(self) -> TableSnapshot:
        """Return the current files and versions of a table that exists.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        table = self._open()
        protocol = table.protocol()
        sizes = pa.table(table.get_add_actions())["size_bytes"].to_pylist()
        return TableSnapshot(
            table.version(), protocol.min_reader_version, protocol.min_writer_version, sizes
        )

    def find_unknown_column(self, condition: str) -> Optional[str]:
        """Return a name in a condition that is not a column; ``None`` if none was found.

        The condition is parsed by another parser than that of Spark: only a plain name that is
        no column is reported, and no other error.

        Parameters
        ----------
        condition : str
            SQL expression over the columns of the table.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        query = f"SELECT 1 FROM checked WHERE {condition} LIMIT 0"
        table = self._open()
        try:
            QueryBuilder().register("checked", table).execute(query)
        except Exception as error:  # a class of delta-rs
            found = re.search(r"No field named (\w+)\.(?:\s|$)", str(error))
            return found[1] if found else None
        return None

    def _open(self) -> DeltaTable:
        """Return the table at its newest version. Only commits since the last call are read."""
        options = make_storage_options(self._location)
        with self._lock:
            if self._table is not None and options == self._options:
                with suppress(DeltaError, OSError):  # such as a commit that was cleaned up
                    self._table.update_incremental()
                    return self._table
            self._table = self._load(options)
            self._options = options
            return self._table

    def _load(self, options: dict[str, str]) -> DeltaTable:
        """Read the log of the table; repeat that if the connection breaks in an answer."""
        for wait in (*RETRY_WAITS_SECONDS, None):
            try:
                return DeltaTable(self._location.uri, storage_options=options)
            except (DeltaError, OSError) as error:
                if wait is None or not may_pass(error):
                    raise self._error("read", error) from None
                time.sleep(wait)
        raise AssertionError("the last attempt has returned or raised")

    def _open_supported(self) -> DeltaTable:
        """Return the table at its newest version, whose protocol this software can change."""
        table = self._open()
        check_protocol(table, self._name)
        return table

    def _error(self, operation: str, error: Exception) -> JobError:
        return describe_table_error(self._name, operation, error)
