"""Exclude the sources that earlier runs have finished."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard, Union

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from jobs.common.sources.cluster_listing import ClusterListing
from jobs.common.sources.listing import Listing, LocalListing
from jobs.common.spark.local_frames import BLOB_SCHEMA, collect_tables, encode_batches

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Finished sources that are read without Spark, about a million per second and core. If a table
#: has more rows, give :func:`exclude_done` a DataFrame.
DONE_LOCAL_MAX_ROWS = 20_000_000

#: Finished sources, with a column ``source_id``; it may have others, and repeated values.
LocalDone = Union[pa.Table, ds.Dataset, Iterable[pa.RecordBatch]]
DoneSources = Union[LocalDone, "DataFrame"]

_NO_PREFIXES = np.zeros(0, dtype=np.uint64)


def exclude_done(listing: Listing, done: DoneSources) -> tuple[Listing, int]:
    """Return the sources that are not finished, and the number of those that are.

    Parameters
    ----------
    listing : Listing
        Sources with ``source_id``.
    done : pyarrow.Table, pyarrow.dataset.Dataset, iterable or pyspark.sql.DataFrame
        Finished sources. A data set, of which only the column ``source_id`` is read, and record
        batches are a stream, which is not kept. A DataFrame is joined by Spark.

    Returns
    -------
    tuple of Listing and int
        Pending sources in their order, and the number of sources that were excluded.
    """
    if isinstance(listing, ClusterListing):
        pending = listing.without(done if _is_frame(done) else _to_table(done))
        return pending, listing.count - pending.count
    assert isinstance(listing, LocalListing)
    ids = listing.table["source_id"]
    chunks = _read_matching(done, ids) if _is_frame(done) else _read_ids(done)
    finished = _find_finished(ids, chunks)
    skipped = int(np.count_nonzero(finished))
    if not skipped:
        return listing, 0
    return LocalListing(listing.table.filter(pa.array(~finished))), skipped


def _to_table(done: LocalDone) -> pa.Table:
    """Return the column ``source_id`` of finished sources, each once."""
    ids = pa.chunked_array(list(_read_ids(done)), pa.string())
    return pa.table({"source_id": ids.unique()})


def _read_matching(done: DataFrame, listed: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Yield the finished source IDs that begin like listed ones; workers search for them."""
    prefixes = np.sort(_list_prefixes(listed))
    matching = done.select("source_id").mapInArrow(_SelectMatching(prefixes), BLOB_SCHEMA)
    for table in collect_tables(matching):
        yield from table["source_id"].chunks


@dataclass(frozen=True)
class _SelectMatching:
    """Function of a worker that selects the source IDs that begin like one of the listing.

    Attributes
    ----------
    prefixes : numpy.ndarray
        Sorted prefixes; see :func:`_prefixes`.
    """

    prefixes: np.ndarray = field(repr=False)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        found = []
        for batch in batches:
            wanted = _prefixes(batch.column("source_id").cast(pa.string()))
            places = np.searchsorted(self.prefixes, wanted)
            places[places == len(self.prefixes)] = 0
            if len(self.prefixes):
                found.append(batch.filter(pa.array(self.prefixes[places] == wanted)))
        if found:
            yield encode_batches(found, found[0].schema)


def _is_frame(done: DoneSources) -> TypeGuard[DataFrame]:
    """Return whether finished sources are a DataFrame; pyspark is not loaded for it."""
    return hasattr(done, "mapInArrow")


def _read_ids(done: LocalDone) -> Iterator[pa.Array]:
    """Yield the column ``source_id`` of finished sources in chunks."""
    if isinstance(done, pa.Table):
        done = done.to_batches()
    elif isinstance(done, ds.Dataset):
        done = done.to_batches(columns=["source_id"])
    for batch in done:
        yield batch.column("source_id").cast(pa.string())  # delta-rs may read views


def _find_finished(listed: pa.ChunkedArray, done: Iterator[pa.Array]) -> np.ndarray:
    """Return which of the listed source IDs are among the finished ones.

    The listed IDs are sorted at the first finished one, and the finished ones are looked up chunk
    by chunk: any number of them takes constant memory.
    """
    finished = np.zeros(len(listed), dtype=bool)
    order: np.ndarray = _NO_PREFIXES
    ordered = _NO_PREFIXES
    for chunk in done if len(listed) else ():
        if not len(chunk):
            continue
        if not len(ordered):
            prefixes = _list_prefixes(listed)
            order = np.argsort(prefixes, kind="stable")
            ordered = prefixes[order]
        wanted = _prefixes(chunk)
        places = np.searchsorted(ordered, wanted)
        places[places == len(ordered)] = 0
        found = np.flatnonzero(ordered[places] == wanted)
        candidates = order[places[found]]
        equal = pc.equal(listed.take(pa.array(candidates)), chunk.take(pa.array(found)))
        finished[candidates[equal.to_numpy()]] = True
    return finished


def _list_prefixes(listed: pa.ChunkedArray) -> np.ndarray:
    """Return the prefixes of listed IDs; see :func:`_prefixes`. Few digits are copied at once."""
    return np.concatenate([_NO_PREFIXES, *map(_prefixes, listed.chunks)])


def _prefixes(ids: pa.Array) -> np.ndarray:
    """Return the first 8 bytes of the digests in hexadecimal as integers."""
    if not len(ids):
        return _NO_PREFIXES
    digits = pc.utf8_slice_codeunits(ids.fill_null(""), 0, 16)
    text = pc.utf8_lpad(digits, 16, "0").cast(pa.binary(16))
    values = np.frombuffer(text.buffers()[1], dtype=np.uint8)[text.offset * 16 :]
    values = values[: len(ids) * 16].reshape(len(ids), 16)
    nibbles = np.where(values < ord("a"), values - ord("0"), values - (ord("a") - 10))
    pairs = (nibbles[:, 0::2] << 4) | nibbles[:, 1::2]
    return np.ascontiguousarray(pairs, dtype=np.uint8).view(">u8").ravel().astype(np.uint64)
