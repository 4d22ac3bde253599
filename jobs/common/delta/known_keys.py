"""Search the keys of the rows that a table has, without Spark while the table is small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.common.delta.key_digests import DIGEST_BYTES, digest_keys, split_digests

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Rows of a table up to which the driver holds the digests of its keys: 80 MB.
KNOWN_KEYS_MAX_ROWS = 5_000_000


class KnownKeys(Protocol):
    """The keys of the rows of a table, as digests of :mod:`jobs.common.delta.key_digests`."""

    def contains(self, keys: bytes) -> npt.NDArray[np.bool_]:
        """Return for each of the concatenated digests whether it is known."""

    def add(self, keys: bytes) -> None:
        """Add concatenated digests of rows that were committed."""


class MemoryKeys:
    """Known keys in sorted arrays in the driver.

    Parameters
    ----------
    keys : bytes, optional
        Concatenated digests.
    """

    def __init__(self, keys: bytes = b""):
        # The sizes of the arrays decrease by more than a half each, so there are few of them and
        # an addition costs little, however many keys there are.
        self._arrays: list[npt.NDArray[np.bytes_]] = []
        self.add(keys)

    def __len__(self) -> int:
        """Return the number of digests."""
        return sum(map(len, self._arrays))

    def contains(self, keys: bytes) -> npt.NDArray[np.bool_]:
        """Return for each of the concatenated digests whether it is known."""
        wanted = split_digests(keys)
        found = np.zeros(len(wanted), np.bool_)
        for known in self._arrays:
            places = np.searchsorted(known, wanted)
            places[places == len(known)] = 0
            found |= known[places] == wanted
        return found

    def add(self, keys: bytes) -> None:
        """Add concatenated digests of rows that were committed."""
        added = np.sort(split_digests(keys))
        while self._arrays and len(self._arrays[-1]) < 2 * len(added):
            added = np.concatenate([self._arrays.pop(), added])
            added.sort()  # in place: a copy would take as much memory again
        if len(added):
            self._arrays.append(added)


class SparkKeys:
    """Known keys of a large table in a persisted frame, and those of this run in the driver.

    Parameters
    ----------
    rows : DataFrame
        Rows of the table.
    columns : sequence of str
        Names of the columns of the key.
    """

    def __init__(self, rows: DataFrame, columns: Sequence[str]):
        from pyspark import StorageLevel

        names = list(columns)

        def digest(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                keys = digest_keys(pa.Table.from_batches([batch]), names)
                yield _to_batch(keys)

        self._spark: SparkSession = rows.sparkSession
        digests = rows.select(*names).mapInArrow(digest, "key BINARY")
        self._known = digests.persist(StorageLevel.DISK_ONLY)
        self._added = MemoryKeys()

    def contains(self, keys: bytes) -> npt.NDArray[np.bool_]:
        """Return for each of the concatenated digests whether it is known."""
        from pyspark.sql import functions as F

        begin = F.col("id").cast("int") * DIGEST_BYTES + 1
        key = F.lit(bytearray(keys)).substr(begin, F.lit(DIGEST_BYTES))
        wanted = self._spark.range(len(keys) // DIGEST_BYTES).select(key.alias("key"))
        found = self._known.join(F.broadcast(wanted), "key", "left_semi").distinct().collect()
        known = MemoryKeys(b"".join(bytes(row.key) for row in found))
        return known.contains(keys) | self._added.contains(keys)

    def add(self, keys: bytes) -> None:
        """Add concatenated digests of rows that were committed."""
        self._added.add(keys)


def _to_batch(keys: bytes) -> pa.RecordBatch:
    """Return concatenated digests as one column."""
    buffers = [None, pa.py_buffer(keys)]
    column = pa.Array.from_buffers(pa.binary(DIGEST_BYTES), len(keys) // DIGEST_BYTES, buffers)
    return pa.record_batch([column.cast(pa.binary())], ["key"])
