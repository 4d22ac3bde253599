"""Find the committed output objects of a run in memory or, if there are many, with Spark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Optional

import pyarrow as pa

from jobs.common.delta.committed_contents import CommittedContents, find_contents_in_spark
from jobs.common.delta.data_files import DataFile
from jobs.common.delta.known_keys import KNOWN_KEYS_MAX_ROWS
from jobs.common.delta.rows import InstanceRow
from jobs.common.delta.tables.table_set import Tables


class InstanceContents:
    """The committed output objects that meet a condition.

    Spark is used if ``instances`` has more than
    :data:`jobs.common.delta.known_keys.KNOWN_KEYS_MAX_ROWS` rows.

    Parameters
    ----------
    tables : Tables
    condition : mapping
        Values by column that the rows of ``instances`` must have.
    """

    def __init__(self, tables: Tables, condition: Mapping[str, str]):
        self._tables = tables
        self._condition = condition
        self._known: Optional[CommittedContents] = None

    def find(self, sop_uids: Sequence[str]) -> pa.Table:
        """Return the committed output objects of SOP Instance UIDs, each once.

        Parameters
        ----------
        sop_uids : sequence of str
            New SOP Instance UIDs.

        Returns
        -------
        pyarrow.Table
            Columns ``sop_uid``, ``output_uri`` and ``output_sha256``.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        contents = self._in_memory()
        if contents is None:
            rows = self._tables.read(InstanceRow.table)
            return find_contents_in_spark(rows, sop_uids, self._condition)
        return contents.find(sop_uids)

    def add(self, sop_uids: pa.ChunkedArray, files: Iterable[DataFile]) -> None:
        """Add output objects that were just committed to those that :meth:`find` knows.

        It finds them without this call too, but reads their files for it.

        Parameters
        ----------
        sop_uids : pyarrow.ChunkedArray
            At least the SOP Instance UIDs of the rows that meet the condition.
        files : iterable of DataFile
            Files of ``instances`` that were committed.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        if self._known is not None and self._known.count <= KNOWN_KEYS_MAX_ROWS:
            self._known.add(sop_uids, (file.path for file in files))

    def _in_memory(self) -> Optional[CommittedContents]:
        """Return the known output objects; ``None`` if the driver cannot hold their digests."""
        known = self._known
        rows = self._tables.row_count(InstanceRow.table) if known is None else known.count
        if rows > KNOWN_KEYS_MAX_ROWS:
            return None
        if known is None:
            folder = self._tables.folder(InstanceRow.table)
            known = self._known = CommittedContents(folder, self._condition)
        return known
