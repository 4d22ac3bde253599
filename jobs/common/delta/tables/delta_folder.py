"""Change the rows, files and properties of one Delta table without Spark."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Optional

import pyarrow as pa
from deltalake import WriterProperties
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from jobs.common.delta.data_files import DataFile, delete_files, list_names
from jobs.common.delta.tables.writer import (
    NO_STATISTICS,
    TableWriter,
    to_action,
    writer_properties,
)

#: Properties of files that DELETE and UPDATE write. delta-rs gives their strings the Arrow type
#: ``string_view``, and Arrow cannot compare a minimum and a maximum of this type with a string.
_WITHOUT_STATISTICS = WriterProperties(compression="ZSTD", default_column_properties=NO_STATISTICS)


class DeltaFolder(TableWriter):
    """The Delta table in one folder: it is read, appended to, changed and maintained."""

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
        table = self._open_supported()
        actions: list[AddAction | RemoveAction] = [
            RemoveAction(path, True, int(time.time() * 1000)),
        ]
        if file is not None:
            actions.append(to_action(file))
        try:
            table.create_write_transaction(
                actions, "append", table.schema(), commit_properties=self._fenced(table)
            )
        except (DeltaError, OSError) as error:
            raise self._error("changed", error) from None

    def delete_rows(self, condition: str) -> int:
        """Delete the rows that meet a condition.

        Parameters
        ----------
        condition : str
            Condition in SQL.

        Returns
        -------
        int
            Number of deleted rows.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read or changed.
        """
        if not self.exists:
            return 0
        table = self._open_supported()
        try:
            metrics = table.delete(
                condition,
                writer_properties=_WITHOUT_STATISTICS,
                commit_properties=self._fenced(table),
            )
        except (DeltaError, OSError) as error:
            raise self._error("changed", error) from None
        return int(metrics["num_deleted_rows"] or 0)

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
        table = self._open_supported()
        try:
            table.update(
                dict(values),
                predicate=condition,
                writer_properties=_WITHOUT_STATISTICS,
                commit_properties=self._fenced(table),
            )
        except (DeltaError, OSError) as error:
            raise self._error("changed", error) from None

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
        table = self._open_supported()
        properties = writer_properties([field.name for field in table.schema().fields])
        try:
            table.optimize.compact(
                target_size=target_bytes,
                max_concurrent_tasks=1,
                writer_properties=properties,
                commit_properties=self._fenced(table),
            )
        except (DeltaError, OSError) as error:
            raise self._error("compacted", error) from None

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
        table = self._open_supported()
        try:
            deleted = table.vacuum(
                retention_hours=24 * retain_days,
                dry_run=False,
                enforce_retention_duration=False,
                full=with_uncommitted,
            )
        except (DeltaError, OSError) as error:
            raise self._error("vacuumed", error) from None
        return len(deleted)

    def clean_log(self) -> None:
        """Write a checkpoint, and delete commits that are older than the retention time.

        Raises
        ------
        JobError
            If the table has an unsupported protocol, or cannot be read or changed.
        """
        table = self._open_supported()
        try:
            table.create_checkpoint()
            table.cleanup_metadata()
        except (DeltaError, OSError) as error:
            raise self._error("changed", error) from None

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
        table = self._open_supported()
        try:
            table.alter.set_table_properties(dict(properties))
        except (DeltaError, OSError) as error:
            raise self._error("changed", error) from None
