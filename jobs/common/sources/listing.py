"""Hold the listed sources of a run, in the driver or in the cluster."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.sources.source_ids import SourceIdHasher
from jobs.common.sources.source_table import (
    SourceTableBuilder,
    iterate_sources,
    merge_sources,
)
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

#: Sources that the driver holds, about 150 bytes each. More are held by the cluster.
LOCAL_MAX_SOURCES = 2_000_000


class Listing(ABC):
    """Sources of a run, in the order of their URIs. HOLDS PHI: the URIs."""

    @property
    @abstractmethod
    def count(self) -> int:
        """Return the number of sources."""

    @property
    @abstractmethod
    def total_bytes(self) -> int:
        """Return the bytes of all sources."""

    @property
    @abstractmethod
    def is_local(self) -> bool:
        """Return whether the driver holds the sources: no Spark is needed to read them."""

    @abstractmethod
    def with_source_ids(self, names: Pseudonyms) -> Listing:
        """Return the sources with a column ``source_id``; see ``add_source_ids``."""

    @abstractmethod
    def filter(self, select: Callable[[pa.Table], pa.Array]) -> Listing:
        """Return the sources that meet a condition.

        Parameters
        ----------
        select : callable
            Returns a Boolean array for a table of sources. It may be sent to workers.
        """

    @abstractmethod
    def source_ids(self) -> Iterator[str]:
        """Yield the IDs of the sources, after :meth:`with_source_ids`."""

    @abstractmethod
    def sources(self) -> Iterator[Source]:
        """Yield the sources as objects, for commands that need few of them."""

    def __repr__(self) -> str:
        """Return a representation without URIs."""
        return f"{type(self).__name__}()"


class LocalListing(Listing):
    """Sources that the driver holds as Arrow columns.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of :data:`~jobs.common.sources.source_table.SOURCE_SCHEMA`, and ``source_id``
        after :meth:`with_source_ids`, in the order of the URIs.
    """

    def __init__(self, table: pa.Table):
        self.table = table

    @classmethod
    def from_sources(cls, sources: Iterable[Source]) -> LocalListing:
        """Return a listing of sources that are objects."""
        builder = SourceTableBuilder()
        for source in sources:
            builder.add(source.uri, source.size, source.version)
        return cls(merge_sources([builder.finish()]))

    @property
    def count(self) -> int:
        """Return the number of sources."""
        return len(self.table)

    @property
    def total_bytes(self) -> int:
        """Return the bytes of all sources."""
        return pc.sum(self.table["size"]).as_py() or 0

    @property
    def is_local(self) -> bool:
        """Return True: the driver holds the sources."""
        return True

    def with_source_ids(self, names: Pseudonyms) -> LocalListing:
        """Return the sources with a column ``source_id``; see ``add_source_ids``."""
        return LocalListing(SourceIdHasher.of(names)(self.table))

    def filter(self, select: Callable[[pa.Table], pa.Array]) -> LocalListing:
        """Return the sources that meet a condition.

        Parameters
        ----------
        select : callable
            Returns a Boolean array for a table of sources.
        """
        return LocalListing(self.table.filter(select(self.table)))

    def source_ids(self) -> Iterator[str]:
        """Yield the IDs of the sources, after :meth:`with_source_ids`."""
        for chunk in self.table["source_id"].chunks:
            yield from chunk.to_pylist()

    def sources(self) -> Iterator[Source]:
        """Yield the sources as objects, for commands that need few of them."""
        return iterate_sources(self.table)
