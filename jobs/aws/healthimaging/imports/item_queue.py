"""Keep the objects that wait for their import on disk, so that their number needs no memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import fields
from operator import attrgetter

from jobs.aws.healthimaging.imports.items import ImportItem

#: Objects that are read at one time.
_PAGE_ITEMS = 1000

#: Pages of the database in memory, in KiB.
_CACHE_KIB = 16 * 1024

_ITEM_COLUMNS = ", ".join(one.name for one in fields(ImportItem))
_ITEM_VALUES = ", ".join("?" for _ in fields(ImportItem))

_TABLE = f"""
CREATE TABLE items ({_ITEM_COLUMNS}, PRIMARY KEY (study_uid, series_uid, sop_uid)) WITHOUT ROWID
"""

#: The index is made after the first objects were added: sorting once is quicker than their order.
_INDEX = "CREATE UNIQUE INDEX IF NOT EXISTS instances ON items (sop_uid)"

_values_of = attrgetter(*(one.name for one in fields(ImportItem)))
_order_of = attrgetter("study_uid", "series_uid", "sop_uid")


class DuplicateInstanceError(Exception):
    """Two different objects have the same SOP Instance UID."""


def open_temporary_database() -> sqlite3.Connection:
    """Return a new database in a temporary file, which is deleted when it is closed.

    It has no journal: nothing is kept if the process ends. All changes are one transaction, which
    is never committed: a transaction for each row takes half of the time.
    """
    database = sqlite3.connect("")  # the empty name is a temporary file
    for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
        database.execute(f"PRAGMA {pragma}")
    return database


class ItemQueue:
    """Objects that wait for their import, each SOP Instance UID once, in the order of their UIDs.

    Objects may be removed while the queue is iterated.

    Parameters
    ----------
    database : sqlite3.Connection
        Database for the objects; see :func:`open_temporary_database`.
    """

    def __init__(self, database: sqlite3.Connection):
        self._database = database
        database.execute(_TABLE)

    def add(self, items: Iterable[ImportItem]) -> None:
        """Add objects; in the order of the queue they take the least time.

        Raises
        ------
        DuplicateInstanceError
            If the queue has another object with the same SOP Instance UID.
        """
        statement = f"INSERT INTO items ({_ITEM_COLUMNS}) VALUES ({_ITEM_VALUES})"
        try:
            self._database.executemany(statement, map(_values_of, items))
            self._database.execute(_INDEX)
        except sqlite3.IntegrityError:
            raise DuplicateInstanceError from None

    def remove(self, items: Iterable[ImportItem]) -> None:
        """Remove those of some objects that wait."""
        keys = ((item.sop_uid, item.uri, item.sha256) for item in items)
        statement = "DELETE FROM items WHERE sop_uid = ? AND uri = ? AND sha256 = ?"
        self._database.executemany(statement, keys)

    def has_all(self, items: Iterable[ImportItem]) -> bool:
        """Return whether all of some objects wait, with the same content."""
        query = "SELECT 1 FROM items WHERE sop_uid = ? AND uri = ? AND sha256 = ?"
        keys = ((item.sop_uid, item.uri, item.sha256) for item in items)
        return all(self._database.execute(query, key).fetchone() for key in keys)

    def __iter__(self) -> Iterator[ImportItem]:
        after = ("", "", "")
        while page := self._read_page(after):
            yield from page
            after = _order_of(page[-1])

    def _read_page(self, after: tuple[str, str, str]) -> list[ImportItem]:
        """Return the next objects after some UIDs."""
        query = (
            f"SELECT {_ITEM_COLUMNS} FROM items WHERE (study_uid, series_uid, sop_uid) > (?, ?, ?) "
            "ORDER BY study_uid, series_uid, sop_uid LIMIT ?"
        )
        rows = self._database.execute(query, (*after, _PAGE_ITEMS))
        return [ImportItem(*row) for row in rows]
