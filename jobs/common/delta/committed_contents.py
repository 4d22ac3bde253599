"""Find the committed output objects of SOP Instance UIDs in ``instances``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Union

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.delta.key_digests import DIGEST_BYTES
from jobs.common.delta.known_keys import MemoryKeys
from jobs.common.delta.tables.delta_folder import DeltaFolder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Columns of an output object.
CONTENT_SCHEMA = pa.schema(
    [("sop_uid", pa.string()), ("output_uri", pa.string()), ("output_sha256", pa.string())]
)

_KEY = ("sop_uid",)


class CommittedContents:
    """The committed output objects that meet a condition, without Spark.

    The digests of their SOP Instance UIDs are held in memory, so that a search reads rows only if
    one of the UIDs was committed. Rows that were committed since the last search are included:
    those of :meth:`add` without reading the table, and others from its new files.

    Parameters
    ----------
    folder : DeltaFolder
        Folder of ``instances``.
    condition : mapping
        Values by column that the rows must have.
    """

    def __init__(self, folder: DeltaFolder, condition: Mapping[str, str]):
        self._folder = folder
        self._condition = reduce(and_, (ds.field(k) == v for k, v in condition.items()))
        self._version = -1
        self._read_files: set[str] = set()
        self._uids = MemoryKeys()

    @property
    def count(self) -> int:
        """Return the number of UIDs, of which some may be repeated."""
        return len(self._uids)

    def add(self, sop_uids: pa.ChunkedArray, paths: Iterable[str]) -> None:
        """Add the UIDs of files that were just committed, so that they are not read.

        Parameters
        ----------
        sop_uids : pyarrow.ChunkedArray
            At least the SOP Instance UIDs of the rows that meet the condition.
        paths : iterable of str
            Names of the files.
        """
        self._uids.add(_hash_uids(sop_uids))
        self._read_files.update(paths)
        self._version = self._folder.version()

    def find(self, sop_uids: Sequence[str]) -> pa.Table:
        """Return the output objects of SOP Instance UIDs, each once, as ``CONTENT_SCHEMA``.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        self._read_new_files()
        wanted = pa.table({"sop_uid": pa.array(sop_uids, pa.string())})
        known = wanted.filter(pa.array(self._uids.contains(_hash_uids(wanted["sop_uid"]))))
        if not len(known):
            return CONTENT_SCHEMA.empty_table()
        condition = ds.field("sop_uid").isin(known["sop_uid"].combine_chunks()) & self._condition
        found = list(self._folder.batches(CONTENT_SCHEMA.names, condition))
        return distinct_contents(pa.Table.from_batches(found, CONTENT_SCHEMA))

    def _read_new_files(self) -> None:
        version = self._folder.version()
        if version == self._version:
            return
        rows = self._folder.batches(_KEY, self._condition, read_files=self._read_files)
        for batch in rows:
            self._uids.add(_hash_uids(batch.column(0)))
        self._version = version


def _hash_uids(uids: Union[pa.Array, pa.ChunkedArray]) -> bytes:
    """Return a digest of each UID, with 64 significant bits.

    A search with a few false hits is exact, since it compares the UIDs of the rows. It takes a
    tenth of the time of a cryptographic hash.
    """
    from pandas.util import hash_array

    values = uids.to_numpy(zero_copy_only=False)
    digests = np.zeros((len(values), DIGEST_BYTES // 8), np.uint64)
    digests[:, 0] = hash_array(values, categorize=False)
    return digests.tobytes()


def find_contents_in_spark(
    instances: DataFrame, sop_uids: Sequence[str], condition: Mapping[str, str]
) -> pa.Table:
    """Return the output objects of SOP Instance UIDs, each once, as ``CONTENT_SCHEMA``.

    Parameters
    ----------
    instances : DataFrame
        Rows of ``instances``.
    sop_uids : sequence of str
        New SOP Instance UIDs.
    condition : mapping
        Values by column that the rows must have.

    Returns
    -------
    pyarrow.Table
        Columns of ``CONTENT_SCHEMA``.
    """
    from pyspark.sql import functions as F

    uids = F.explode(F.split(F.lit("\n".join(sop_uids)), "\n"))
    wanted = instances.sparkSession.range(1).select(uids.alias("sop_uid"))
    for column, value in condition.items():
        instances = instances.where(F.col(column) == value)
    found = instances.join(F.broadcast(wanted), "sop_uid", "left_semi")
    rows = found.select(*CONTENT_SCHEMA.names).collect()
    return distinct_contents(pa.Table.from_pylist([row.asDict() for row in rows], CONTENT_SCHEMA))


def distinct_contents(contents: pa.Table) -> pa.Table:
    """Return each row once."""
    return contents.group_by(CONTENT_SCHEMA.names).aggregate([]).select(CONTENT_SCHEMA.names)
