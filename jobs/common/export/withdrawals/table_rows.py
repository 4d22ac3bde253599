"""Remove the rows of withdrawn patients from a Delta table of de-identified notes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from uuid import uuid4

import pyarrow as pa

from jobs.common.delta.data_files import DataFile, read_parquet_file, write_parquet_file
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location
from safelight.notes.formats.parquet_file import encode_row


class TableRowRemoval:
    """Removal of rows by their checksum.

    Parameters
    ----------
    location : Location
        Folder of the table.
    removed : collection of str
        Checksums of the rows to remove.
    others : mapping of str to int
        Number of rows of other patients by checksum.
    """

    def __init__(self, location: Location, removed: Collection[str], others: Mapping[str, int]):
        self._folder = DeltaFolder(location)
        self._location = location
        self._removed = frozenset(removed)
        self._others = frozenset(others)
        # A row of another patient may be equal to a removed one, if it holds no pseudonym.
        self._spared = Counter({one: others[one] for one in self._removed & others.keys()})
        self._found: set[str] = set()
        self._unknown = 0

    def run(self) -> bool:
        """Remove the rows, and the files of all earlier versions of the table.

        Returns
        -------
        bool
            False if some of the rows were not found, and the table has rows of another origin,
            among which they may be.

        Raises
        ------
        JobError
            If the table cannot be read or changed.
        """
        for path in self._folder.data_files():
            self._remove_from(path)
        if self._folder.exists:
            self._folder.vacuum(0, with_uncommitted=False)
        return not self._unknown or self._found >= self._removed

    def _remove_from(self, path: str) -> None:
        """Replace a data file by one without the rows."""
        rows = read_parquet_file(self._location, path, self._folder.schema())
        kept = [self._is_kept(row) for row in rows.to_pylist()]
        if all(kept):
            return
        rest = rows.filter(pa.array(kept))
        new: DataFile | None = None
        if len(rest):
            new = write_parquet_file(self._location, rest, f"part-{uuid4().hex}.parquet")
        self._folder.replace_file(path, new)

    def _is_kept(self, row: dict[str, object]) -> bool:
        """Return whether a row is not one of the removed ones."""
        digest = hashlib.sha256(encode_row(row)).hexdigest()
        if digest not in self._removed:
            self._unknown += digest not in self._others
            return True
        self._found.add(digest)
        self._spared[digest] -= 1
        return self._spared[digest] >= 0
