"""Read and append to one Delta table without Spark: in milliseconds instead of seconds.

Rows that the driver holds are written by delta-rs. On S3 its commits are conditional writes, so
two writers never take the same version. The log store of Delta's Spark library locks inside one
JVM only.

source: https://delta-io.github.io/delta-rs/usage/writing/writing-to-s3-with-locking-provider/
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Optional, Union
from uuid import uuid4

import boto3
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from deltalake import (
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    QueryBuilder,
    Schema,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from jobs.common.cli.error_advice import advise, find_code
from jobs.common.cli.errors import JobError
from jobs.common.delta.data_files import (
    DataFile,
    delete_data_files,
    delete_files,
    list_names,
    read_data_files,
)
from jobs.common.delta.dataset import open_dataset
from jobs.common.delta.lease import LEASE_LOST
from jobs.common.delta.row_stream import RowStream
from jobs.common.delta.statistics import statistics_columns
from jobs.common.delta.table_properties import (
    check_protocol,
    check_reader,
    missing_properties,
    table_properties,
    unsupported_table,
)
from jobs.common.storage.location import Location

#: Messages of delta-rs about a protocol that it does not support.
_PROTOCOL_ERROR = re.compile(
    r"(minimum|maximum supported) (reader|writer) version|feature", re.IGNORECASE
)

#: Message of delta-rs about a commit that met another one of the same application.
_FENCED_ERROR = "Concurrent transaction failed"

#: Application under which Delta records the fencing token of the lease with each commit.
LEASE_APPLICATION = "safelight-lease"

_CHUNK_STATISTICS = ColumnProperties(statistics_enabled="CHUNK")
_NO_STATISTICS = ColumnProperties(statistics_enabled="NONE")

#: Properties of files that DELETE and UPDATE write. delta-rs gives their strings the Arrow type
#: ``string_view``, and Arrow cannot compare a minimum and a maximum of this type with a string.
_WITHOUT_STATISTICS = WriterProperties(compression="ZSTD", default_column_properties=_NO_STATISTICS)


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


#: Rows that the driver holds, or reads in a stream.
AppendableRows = Union[pa.Table, RowStream]

#: Waits between the attempts of a read of the log, or of a commit, whose connection broke.
_RETRY_WAITS_SECONDS = (0.2, 0.8, 3.2)


class DeltaFolder:
    """The Delta table in one folder; the first append creates it.

    Parameters
    ----------
    location : Location
        Folder of the table.
    token : int
        Fencing token of the lease. A change fails if a holder with a higher token has changed the
        table. 0 for readers and for a local lock, which no other run can take over.
    """

    def __init__(self, location: Location, token: int = 0):
        self._location = location
        self._token = token
        self._found = False
        self._evolved = False
        self._has_more_columns = False
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
            raise self._unusable("changed", error) from None
        self._has_more_columns = len(existing) + len(missing) > len(wanted)
        self._evolved = True

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
            raise self._unusable("read", error) from None

    def append(self, rows: AppendableRows) -> None:
        """Append rows in one commit. Call :meth:`evolve` before.

        Parameters
        ----------
        rows : pyarrow.Table or RowStream
            Rows with the columns of the table.

        Raises
        ------
        JobError
            If the table needs a feature that this writer does not support, or is in use.
        """
        own = Transaction(f"append {uuid4().hex}", 1)
        for wait in (*_RETRY_WAITS_SECONDS, None):
            try:
                self._append(rows, own)
                break
            except (DeltaError, OSError) as error:
                if self._has_commit(own.app_id, own.version):
                    break
                if wait is None or not _may_pass(error):
                    raise self._unusable("appended to", error) from None
                time.sleep(wait)
        self._found = self._evolved = True

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
        for wait in (*_RETRY_WAITS_SECONDS, None):
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
                if wait is None or not _may_pass(error):
                    raise self._unusable("appended to", error) from None
                time.sleep(wait)

    def _commit(self, files: Sequence[DataFile], application_id: str, version: int) -> None:
        table = self._open()
        if table.transaction_version(application_id) == version:
            return
        properties = self._fenced(table, Transaction(application_id, version))
        if table.metadata().partition_columns:
            self._append_to_partitions(files, Transaction(application_id, version))
            return
        actions: list[AddAction | RemoveAction] = [_to_action(file) for file in files]
        table.create_write_transaction(
            actions, "append", table.schema(), commit_properties=properties
        )

    def _has_commit(self, application_id: str, version: int) -> bool:
        try:
            return self._open().transaction_version(application_id) == version
        except (DeltaError, OSError, JobError):
            return False

    def data_files(self) -> list[str]:
        """Return the paths of the data files of the newest version, in the folder of the table.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read.
        """
        if not self.exists:
            return []
        table, _ = self._open_to_change()
        if table.metadata().partition_columns:
            raise JobError(
                f"the Delta table {self._name} was partitioned by another client, so its files "
                "cannot be changed one by one; rewrite it without partitions"
            )
        return sorted(pa.table(table.get_add_actions())["path"].to_pylist())

    def schema(self) -> pa.Schema:
        """Return the columns of a table that exists.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        return pa.schema(self._open().schema().to_arrow())

    def replace_file(self, path: str, file: Optional[DataFile]) -> None:
        """Replace one data file by another one in one commit.

        Parameters
        ----------
        path : str
            File of the newest version.
        file : DataFile, optional
            File that was written and holds the rows instead. ``None`` if no row is left.

        Raises
        ------
        JobError
            If the table was changed meanwhile, or cannot be changed.
        """
        table, _ = self._open_to_change()
        actions: list[AddAction | RemoveAction] = [
            RemoveAction(path, True, int(time.time() * 1000)),
        ]
        if file is not None:
            actions.append(_to_action(file))
        try:
            table.create_write_transaction(
                actions, "append", table.schema(), commit_properties=self._fenced(table)
            )
        except (DeltaError, OSError) as error:
            raise self._unusable("changed", error) from None

    def delete_rows(self, condition: str) -> None:
        """Delete the rows that meet a condition.

        Parameters
        ----------
        condition : str
            Condition in SQL.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read or changed.
        """
        if not self.exists:
            return
        table, _ = self._open_to_change()
        try:
            table.delete(
                condition,
                writer_properties=_WITHOUT_STATISTICS,
                commit_properties=self._fenced(table),
            )
        except (DeltaError, OSError) as error:
            raise self._unusable("changed", error) from None

    def update(self, condition: str, values: Mapping[str, str]) -> None:
        """Set columns of the rows that meet a condition.

        Parameters
        ----------
        condition : str
            Condition in SQL.
        values : mapping
            Expressions in SQL by column.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read or changed.
        """
        table, _ = self._open_to_change()
        try:
            table.update(
                dict(values),
                predicate=condition,
                writer_properties=_WITHOUT_STATISTICS,
                commit_properties=self._fenced(table),
            )
        except (DeltaError, OSError) as error:
            raise self._unusable("changed", error) from None

    def delete_unreferenced(self, prefix: str, is_stale: Callable[[str], bool]) -> None:
        """Delete files in the folder that the table does not refer to.

        Parameters
        ----------
        prefix : str
            First characters of the names of the files.
        is_stale : callable
            Function that returns for the name of a file whether it may be deleted.

        Raises
        ------
        JobError
            If the table cannot be read.
        OSError or botocore.exceptions.ClientError
            If a file cannot be deleted.
        """
        stale = {name for name in list_names(self._location, prefix) if is_stale(name)}
        if stale and self.exists:
            stale -= set(pa.table(self._open().get_add_actions())["path"].to_pylist())
        delete_files(self._location, sorted(stale))

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

    def compact(self, target_bytes: int) -> None:
        """Merge files that are smaller than a size. The rows do not change.

        Parameters
        ----------
        target_bytes : int
            Size of the merged files.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read or changed.
        """
        table, properties = self._open_to_change()
        try:
            table.optimize.compact(
                target_size=target_bytes,
                max_concurrent_tasks=1,
                writer_properties=properties,
                commit_properties=self._fenced(table),
            )
        except (DeltaError, OSError) as error:
            raise self._unusable("compacted", error) from None

    def vacuum(self, retain_days: int, with_uncommitted: bool) -> int:
        """Delete files that were replaced, or never committed, some days ago.

        Parameters
        ----------
        retain_days : int
            Files that were replaced or written later are kept.
        with_uncommitted : bool
            List the whole folder and delete also files that no commit refers to.

        Returns
        -------
        int
            Number of deleted files.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read or changed.
        """
        table, _ = self._open_to_change()
        try:
            deleted = table.vacuum(
                retention_hours=24 * retain_days,
                dry_run=False,
                enforce_retention_duration=False,
                full=with_uncommitted,
            )
        except (DeltaError, OSError) as error:
            raise self._unusable("vacuumed", error) from None
        return len(deleted)

    def clean_log(self) -> None:
        """Write a checkpoint, and delete commits that are older than the retention time.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read or changed.
        """
        table, _ = self._open_to_change()
        try:
            table.create_checkpoint()
            table.cleanup_metadata()
        except (DeltaError, OSError) as error:
            raise self._unusable("changed", error) from None

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

    def _append(self, rows: AppendableRows, *transactions: Transaction) -> None:
        table = self._open() if self._token and self.exists else None
        write_deltalake(
            self._location.uri if table is None else table,
            rows,
            mode="append",
            schema_mode="merge" if self._has_more_columns else None,
            configuration=table_properties(rows.column_names),
            storage_options=make_storage_options(self._location),
            writer_properties=_writer_properties(rows.column_names),
            commit_properties=self._fenced(table, *transactions),
        )

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
            raise self._unusable("changed", error) from None

    def _create(self, schema: pa.Schema) -> None:
        DeltaTable.create(
            self._location.uri,
            Schema.from_arrow(schema),
            mode="ignore",
            configuration=table_properties(schema.names),
            storage_options=make_storage_options(self._location),
        )

    def set_properties(self, properties: Mapping[str, str]) -> None:
        """Set properties of the table, which must exist.

        Parameters
        ----------
        properties : mapping of str to str
            Values by property of Delta.

        Raises
        ------
        JobError
            If the table cannot be changed.
        """
        table, _ = self._open_to_change()
        try:
            table.alter.set_table_properties(dict(properties))
        except (DeltaError, OSError) as error:
            raise self._unusable("changed", error) from None

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

    def _append_to_partitions(self, files: Sequence[DataFile], transaction: Transaction) -> None:
        """Append the rows of files to a table that another client has partitioned."""
        rows = pa.concat_tables(read_data_files(self._location, files))
        self._append(rows, transaction)
        delete_data_files(self._location, files)

    @property
    def _name(self) -> str:
        return self._location.path.rstrip("/").rpartition("/")[2]

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
        for wait in (*_RETRY_WAITS_SECONDS, None):
            try:
                return DeltaTable(self._location.uri, storage_options=options)
            except (DeltaError, OSError) as error:
                if wait is None or not _may_pass(error):
                    raise self._unusable("read", error) from None
                time.sleep(wait)
        raise AssertionError("the last attempt has returned or raised")

    def _open_to_change(self) -> tuple[DeltaTable, WriterProperties]:
        """Return the table, whose protocol is supported, and the properties of its files."""
        table = self._open()
        check_protocol(table, self._name)
        return table, _writer_properties([field.name for field in table.schema().fields])

    def _unusable(self, operation: str, error: Exception) -> JobError:
        if _PROTOCOL_ERROR.search(str(error)):
            return unsupported_table(self._name)
        if _FENCED_ERROR in str(error):
            return JobError(LEASE_LOST)
        code = find_code(str(error)) or type(error).__name__
        advice = advise(code) or "check the folder of the tables and its permissions"
        return JobError(f"the Delta table {self._name} cannot be {operation} ({code}); {advice}")


def _may_pass(error: Exception) -> bool:
    """Return whether an error may pass by itself: one of the network without a code of its own.

    delta-rs repeats requests that fail, but not those whose answer breaks off.
    """
    return isinstance(error, OSError) and not find_code(str(error)) and not error.errno


def _writer_properties(columns: Sequence[str]) -> WriterProperties:
    """Return the properties of Parquet files whose statistics hold no PHI."""
    return WriterProperties(
        compression="ZSTD",
        default_column_properties=_NO_STATISTICS,
        column_properties=dict.fromkeys(statistics_columns(columns), _CHUNK_STATISTICS),
    )


def _to_action(file: DataFile) -> AddAction:
    now = int(time.time() * 1000)
    return AddAction(file.path, file.size, {}, now, data_change=True, stats=file.stats)


def make_storage_options(location: Location) -> dict[str, str]:
    """Return endpoint, region and credentials as boto3 finds them now, since they expire."""
    if not location.on_s3:
        return {}
    session: Any = boto3.DEFAULT_SESSION or boto3.Session()
    options = {"AWS_CONDITIONAL_PUT": "etag", "AWS_REGION": session.region_name or "us-east-1"}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        options["AWS_ENDPOINT_URL"] = endpoint
        options["AWS_ALLOW_HTTP"] = str(endpoint.startswith("http://")).lower()
    if credentials := session.get_credentials():
        key = credentials.get_frozen_credentials()
        options["AWS_ACCESS_KEY_ID"] = key.access_key
        options["AWS_SECRET_ACCESS_KEY"] = key.secret_key
        if key.token:
            options["AWS_SESSION_TOKEN"] = key.token
    return options
