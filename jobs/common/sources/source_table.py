"""Build the Arrow table of the listed sources. It HOLDS PHI: the URIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Optional

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.storage.backend import Source
from jobs.common.storage.pinned_version import VERSION_ID_SEPARATOR

#: Columns of a listing: canonical URI, bytes, and version (empty if the object is missing).
SOURCE_SCHEMA = pa.schema([("uri", pa.string()), ("size", pa.int64()), ("version", pa.string())])

#: Rows of one part of a listing that is divided.
CHUNK_ROWS = 65_536

#: Rows that are Python objects at one time. More of them leave gaps in the memory of the driver,
#: which it cannot return: 16 MB with 65,536 rows.
OBJECT_ROWS = 4096


class SourceTableBuilder:
    """Collect sources one by one; only the last chunk of them is Python objects.

    Parameters
    ----------
    since : float, optional
        Time of the oldest modification, in seconds since the epoch. Older sources are counted only.
    listed : callable, optional
        Takes the number of sources that were added since its last call, now and then.

    Attributes
    ----------
    older : int
        Number of sources that were not added, since they are older.
    """

    def __init__(
        self, since: Optional[float] = None, listed: Optional[Callable[[int], None]] = None
    ) -> None:
        self.older = 0
        self._listed = listed
        self._since = since
        self._chunks: list[pa.RecordBatch] = []
        self._uris: list[str] = []
        self._sizes: list[int] = []
        self._versions: list[str] = []

    def add(self, uri: str, size: int, version: str, modified: Optional[float] = None) -> None:
        """Add one source.

        Parameters
        ----------
        uri : str
            Canonical URI.
        size : int
            Bytes.
        version : str
            Version of the object; empty if it is missing.
        modified : float, optional
            Time of the last modification, in seconds since the epoch. Without it, the source is
            added, however old it is.
        """
        if self._since is not None and modified is not None and modified < self._since:
            self.older += 1
            return
        self._uris.append(uri)
        self._sizes.append(size)
        self._versions.append(version)
        if len(self._uris) >= OBJECT_ROWS:
            self._flush()

    def finish(self) -> pa.Table:
        """Return the sources in the order in which they were added."""
        self._flush()
        return pa.Table.from_batches(self._chunks, SOURCE_SCHEMA)

    def _flush(self) -> None:
        if self._uris:
            if self._listed is not None:
                self._listed(len(self._uris))
            columns = [self._uris, self._sizes, self._versions]
            arrays = [pa.array(values, f.type) for values, f in zip(columns, SOURCE_SCHEMA)]
            self._chunks.append(pa.RecordBatch.from_arrays(arrays, schema=SOURCE_SCHEMA))
            self._uris, self._sizes, self._versions = [], [], []


def merge_sources(tables: Iterable[pa.Table]) -> pa.Table:
    """Return the sources of several listings, each once, in the order of their URIs.

    The order is that of the bytes of the URIs in UTF-8. Of a URI with pinned versions, each of
    them that has another ETag is kept. Of another one, the first is kept.

    Parameters
    ----------
    tables : iterable of pyarrow.Table
        Tables with the columns of :data:`SOURCE_SCHEMA`.

    Returns
    -------
    pyarrow.Table
        The given tables, if they are in order already. A copy would double the memory.
    """
    table = pa.concat_tables([SOURCE_SCHEMA.empty_table(), *tables])
    if len(table) < 2:
        return table
    pinned = pc.match_substring(table["version"], VERSION_ID_SEPARATOR)
    if not pc.any(pinned).as_py() and _is_sorted(table["uri"]):
        return table
    keyed = pa.table(
        {
            "uri": table["uri"],
            "is_unpinned": pc.invert(pinned),
            "version": pc.if_else(pinned, table["version"], ""),
            "order": np.arange(len(table)),
        }
    )
    keys = [(name, "ascending") for name in keyed.column_names]
    indices = pc.sort_indices(keyed, sort_keys=keys)
    table, pinned = table.take(indices), pinned.take(indices)
    return table.filter(_is_first(table, pinned)).combine_chunks()


def remove_version_ids(versions: pa.Array) -> pa.Array:
    """Return versions without the IDs of pinned versions."""
    if not pc.any(pc.match_substring(versions, VERSION_ID_SEPARATOR)).as_py():
        return versions
    parts = pc.split_pattern(versions, VERSION_ID_SEPARATOR, max_splits=1)
    return pc.list_element(parts, 0)


def _is_sorted(uris: pa.ChunkedArray) -> bool:
    """Return whether URIs are in ascending order without repetition."""
    return bool(pc.all(pc.less(uris[:-1], uris[1:])).as_py())


def _is_first(table: pa.Table, pinned: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return which rows of a sorted table are kept."""
    uris, etags = table["uri"], remove_version_ids(table["version"])
    new_uri = pc.not_equal(uris[1:], uris[:-1])
    new_pin = pc.and_(pinned[1:], pc.not_equal(etags[1:], etags[:-1]))
    kept = pc.or_(new_uri, new_pin)
    return pa.chunked_array([pa.array([True]), *kept.chunks])


def iterate_sources(table: pa.Table) -> Iterator[Source]:
    """Yield the rows of a listing as objects, for commands that need few of them."""
    for batch in table.select(SOURCE_SCHEMA.names).to_batches(max_chunksize=OBJECT_ROWS):
        yield from map(Source, *(column.to_pylist() for column in batch.columns))
