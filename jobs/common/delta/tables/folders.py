"""Find the folders of the Delta tables, of which the restricted ones may be in another place."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Optional

from jobs.common.cli.errors import JobError
from jobs.common.delta.schemas import RESTRICTED_TABLES
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location

#: Earlier names of tables. Rows of a table of the earlier name are read as well.
EARLIER_NAMES = {"annotations": "decisions"}


class TableFolders:
    """Folders of the tables.

    Parameters
    ----------
    root : Location
        Folder of the tables.
    restricted : Location, optional
        Folder of the tables with originals and source URIs (default: ``root``).
    token : int
        Fencing token of the lease; 0 without a lease.
    elsewhere : set of str
        Tables that another store holds.
    """

    def __init__(
        self,
        root: Location,
        restricted: Optional[Location] = None,
        token: int = 0,
        elsewhere: AbstractSet[str] = frozenset(),
    ):
        self.token = token
        self._root = root
        self._restricted = restricted or root
        self._elsewhere = elsewhere
        self._folders: dict[str, DeltaFolder] = {}

    def location(self, table: str) -> Location:
        """Return the folder of a table."""
        root = self._restricted if table in RESTRICTED_TABLES else self._root
        return root.child(table)

    def folder(self, table: str) -> DeltaFolder:
        """Return the folder of a table, which may not exist yet."""
        if table not in self._folders:
            self._folders[table] = DeltaFolder(self.location(table), self.token)
        return self._folders[table]

    def path(self, table: str) -> str:
        """Return the URI of a table."""
        return self.location(table).uri

    def exists(self, table: str) -> bool:
        """Return whether a table exists, under its name or its earlier one."""
        if self.is_elsewhere(table):
            return False
        if self.folder(table).exists:
            return True
        earlier = EARLIER_NAMES.get(table)
        return earlier is not None and self.folder(earlier).exists

    def is_elsewhere(self, table: str) -> bool:
        """Return whether another store holds a table."""
        return table in self._elsewhere

    def protect(self, tables: Iterable[str]) -> None:
        """Make the folders of new tables on a local disk with access for this user only.

        The folder of a table that exists keeps its mode.

        Parameters
        ----------
        tables : iterable of str
            Names of tables with originals, encrypted or not.

        Raises
        ------
        JobError
            If a folder cannot be made.
        """
        for table in tables:
            location = self.location(table)
            if location.on_s3 or self.is_elsewhere(table):
                continue
            try:
                os.makedirs(os.path.dirname(location.path), exist_ok=True)
                os.mkdir(location.path, 0o700)
            except FileExistsError:
                continue
            except OSError as error:
                raise JobError(
                    f"the folder of the table {table} cannot be made: {error.strerror}"
                ) from None
