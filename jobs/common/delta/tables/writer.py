"""Append to one Delta table without Spark, and commit data files that workers have written.

Rows that the driver holds are written by delta-rs. On S3 its commits are conditional writes, so
two writers never take the same version. The log store of Delta's Spark library locks inside one
JVM only.

source: https://delta-io.github.io/delta-rs/usage/writing/writing-to-s3-with-locking-provider/
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Optional
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    Schema,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from jobs.common.cli.errors import JobError
from jobs.common.delta.data_files import (
    DataFile,
    delete_data_files,
    read_data_files,
    upload_data_file,
)
from jobs.common.delta.lease import LEASE_LOST
from jobs.common.delta.statistics import statistics_columns
from jobs.common.delta.storage_options import make_storage_options
from jobs.common.delta.tables.errors import RETRY_WAITS_SECONDS, may_pass
from jobs.common.delta.tables.properties import (
    check_protocol,
    missing_properties,
    table_properties,
)
from jobs.common.delta.tables.reader import TableReader
from jobs.common.storage.location import Location

#: Application under which Delta records the fencing token of the lease with each commit.
LEASE_APPLICATION = "safelight-lease"

_CHUNK_STATISTICS = ColumnProperties(statistics_enabled="CHUNK")
NO_STATISTICS = ColumnProperties(statistics_enabled="NONE")


class TableWriter(TableReader):
    """Writer of the Delta table in one folder; the first append creates it.

    Parameters
    ----------
    location : Location
        Folder of the table.
    token : int
        Fencing token of the lease. A change fails if a holder with a higher token has changed the
        table. 0 for readers and for a local lock, which no other run can take over.
    """

    def __init__(self, location: Location, token: int = 0):
        super().__init__(location)
        self._token = token
        self._evolved = False
        self._has_more_columns = False

    def evolve(self, schema: pa.Schema) -> None:
        """Add the columns of a schema and the properties that an existing table lacks.

        A table of an earlier version of this software so gets the new columns, which are null in
        its old rows. Columns that only the table has, of a later version, are left as they are.

        Parameters
        ----------
        schema : pyarrow.Schema
            Columns of the rows that will be appended.

        Raises
        ------
        JobError
            If a column has another type in the table, the table has an unsupported protocol, or
            it cannot be read or changed.
        """
        if self._evolved or not self.exists:
            return
        table = self._open()
        check_protocol(table, self._name)
        existing = {field.name: field.type for field in table.schema().fields}
        wanted = Schema.from_arrow(schema).fields
        for field in wanted:
            if existing.get(field.name, field.type) != field.type:
                raise JobError(
                    f"the column {field.name} of the table {self._name} has another type than "
                    "this version of the software writes; give --tables a new folder"
                )
        missing = [field for field in wanted if field.name not in existing]
        try:
            if missing:
                table.alter.add_columns(missing)
            if properties := missing_properties(table):
                table.alter.set_table_properties(properties)
        except (DeltaError, OSError) as error:
            raise self._error("changed", error) from None
        self._has_more_columns = len(existing) + len(missing) > len(wanted)
        self._evolved = True

    def append(self, rows: pa.Table) -> None:
        """Append rows in one commit. Call :meth:`evolve` before.

        Parameters
        ----------
        rows : pyarrow.Table
            Rows with the columns of the table.

        Raises
        ------
        JobError
            If the table needs a feature that this writer does not support, or is in use.
        """
        own = Transaction(f"append {uuid4().hex}", 1)
        for wait in (*RETRY_WAITS_SECONDS, None):
            try:
                self._append(rows, own)
                break
            except (DeltaError, OSError) as error:
                if self._has_commit(own.app_id, own.version):
                    break
                if wait is None or not may_pass(error):
                    raise self._error("appended to", error) from None
                time.sleep(wait)
        self._found = self._evolved = True

    def append_file(self, path: str) -> None:
        """Append the rows of a local Parquet file, which becomes a data file, in one commit.

        delta-rs would read ahead and hold most of the rows. The memory so does not depend on their
        number.

        Parameters
        ----------
        path : str
            Path of a file of :class:`jobs.common.delta.row_file.RowFileWriter`.

        Raises
        ------
        JobError
            If the table needs a feature that this writer does not support, has a column of
            another type, or cannot be written.
        OSError or botocore.exceptions.ClientError
            If the data file cannot be written.
        """
        file = upload_data_file(self._location, path)
        self.commit([file], pq.read_schema(path), f"append {uuid4().hex}", 1)

    def _append(self, rows: pa.Table, *transactions: Transaction) -> None:
        table = self._open() if self._token and self.exists else None
        write_deltalake(
            self._location.uri if table is None else table,
            rows,
            mode="append",
            schema_mode="merge" if self._has_more_columns else None,
            configuration=table_properties(rows.column_names),
            storage_options=make_storage_options(self._location),
            writer_properties=writer_properties(rows.column_names),
            commit_properties=self._fenced(table, *transactions),
        )

    def commit(
        self, files: Sequence[DataFile], schema: pa.Schema, application_id: str, version: int
    ) -> None:
        """Add data files in one commit. A repeated commit adds nothing.

        The table is created, or gets the columns that it lacks, if needed.

        Parameters
        ----------
        files : sequence of DataFile
            Files in the folder of the table.
        schema : pyarrow.Schema
            Columns of the files.
        application_id : str
            Name under which Delta records ``version``.
        version : int
            Number of the commit, different for each commit of the application.

        Raises
        ------
        JobError
            If the table needs a feature that this writer does not support, has a column of
            another type, or cannot be written.
        """
        for wait in (*RETRY_WAITS_SECONDS, None):
            try:
                if not self.exists:
                    self._create(schema)
                self.evolve(schema)
                self._commit(files, application_id, version)
                return
            except (DeltaError, OSError) as error:
                # The answer to a commit that was written may have been lost.
                if self._has_commit(application_id, version):
                    return
                if wait is None or not may_pass(error):
                    raise self._error("appended to", error) from None
                time.sleep(wait)

    def _commit(self, files: Sequence[DataFile], application_id: str, version: int) -> None:
        table = self._open()
        if table.transaction_version(application_id) == version:
            return
        properties = self._fenced(table, Transaction(application_id, version))
        if table.metadata().partition_columns:
            self._append_to_partitions(files, Transaction(application_id, version))
            return
        actions: list[AddAction | RemoveAction] = [to_action(file) for file in files]
        table.create_write_transaction(
            actions, "append", table.schema(), commit_properties=properties
        )

    def _has_commit(self, application_id: str, version: int) -> bool:
        try:
            return self._open().transaction_version(application_id) == version
        except (DeltaError, OSError, JobError):
            return False

    def _create(self, schema: pa.Schema) -> None:
        try:
            DeltaTable.create(
                self._location.uri,
                Schema.from_arrow(schema),
                mode="ignore",
                configuration=table_properties(schema.names),
                storage_options=make_storage_options(self._location),
            )
        except (DeltaError, OSError):
            # The answer to a creation that was written may have been lost.
            if not self.exists:
                raise

    def _append_to_partitions(self, files: Sequence[DataFile], transaction: Transaction) -> None:
        """Append the rows of files to a table that another client has partitioned."""
        rows = pa.concat_tables(read_data_files(self._location, files))
        self._append(rows, transaction)
        delete_data_files(self._location, files)

    def fence(self) -> None:
        """Let the commits of earlier holders of the lease fail, if the table exists.

        Raises
        ------
        JobError
            If a later run holds the lease, or the table cannot be read or changed.
        """
        if not self._token or not self.exists:
            return
        table = self._open()
        if table.transaction_version(LEASE_APPLICATION) == self._token:
            return
        try:
            table.create_write_transaction(
                [], "append", table.schema(), commit_properties=self._fenced(table)
            )
        except (DeltaError, OSError) as error:
            raise self._error("changed", error) from None

    def _fenced(
        self, table: Optional[DeltaTable], *transactions: Transaction
    ) -> Optional[CommitProperties]:
        """Return properties of a commit that fails once a later holder of the lease has committed.

        The lease is checked before each change, but a process may be stopped between the check and
        the commit for longer than its lease. Two commits that record the same application
        conflict, so a commit that began before that of the later holder fails as well.

        Parameters
        ----------
        table : DeltaTable, optional
            The table as it was opened for the commit.
        *transactions : Transaction
            Further transactions to record.

        Raises
        ------
        JobError
            If a later holder has committed already.
        """
        recorded = list(transactions)
        if self._token:
            latest = table.transaction_version(LEASE_APPLICATION) if table is not None else None
            if latest is not None and latest > self._token:
                raise JobError(LEASE_LOST)
            recorded.append(Transaction(LEASE_APPLICATION, self._token))
        return CommitProperties(app_transactions=recorded) if recorded else None


def writer_properties(columns: Sequence[str]) -> WriterProperties:
    """Return the properties of Parquet files whose statistics hold no PHI."""
    return WriterProperties(
        compression="ZSTD",
        default_column_properties=NO_STATISTICS,
        column_properties=dict.fromkeys(statistics_columns(columns), _CHUNK_STATISTICS),
    )


def to_action(file: DataFile) -> AddAction:
    """Return the action of the log that adds a data file."""
    now = int(time.time() * 1000)
    return AddAction(file.path, file.size, {}, now, data_change=True, stats=file.stats)
