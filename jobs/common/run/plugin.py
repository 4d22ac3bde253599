"""Interface of the plug-ins of the job: what differs between images and notes.

Both process an item in the same steps: read its bytes, scan them, annotate its texts, rebuild it,
write the output, record what was done. See :mod:`jobs.common.run.worker`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Optional, TypeVar

import pyarrow as pa

from jobs.common.delta.rows import TableRow
from jobs.common.run.duplicates import OutputClaim
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.outputs import StoredOutput
from jobs.common.run.work_items import BatchContext, WorkItem
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import parse_uri
from jobs.common.storage.prefetch import ByteRange
from safelight.notes.models import PatientFacts
from safelight.pseudonyms import Pseudonyms
from safelight.records import Refusal, Span

#: Spans of texts, by text. ``None`` if the text stage is off.
Annotations = Optional[Mapping[str, Sequence[Span]]]

Item = TypeVar("Item", bound=WorkItem)
Engine = TypeVar("Engine")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class ItemScan:
    """Result of SCAN for one item. HOLDS PHI.

    Attributes
    ----------
    texts : sequence of str
        Texts to annotate, each once.
    references : sequence of str
        Keys of the patients whose known values REBUILD needs.
    state : object
        Anything that REBUILD needs again; it is pickled.
    """

    texts: Sequence[str] = ()
    references: Sequence[str] = ()
    state: Any = None


@dataclass
class ItemRecord:
    """Counts, bytes and claimed output of one item.

    Attributes
    ----------
    outcomes : Counter
        Objects or notes by status and reason code.
    bytes_in, bytes_out : int
        Bytes read and written.
    claim : OutputClaim or None
        The output that the item claims, if other items may claim it as well.
    """

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    bytes_in: int = 0
    bytes_out: int = 0
    claim: Optional[OutputClaim] = None


class Recorder(ABC, Generic[Item, Outcome]):
    """Write the outputs of the items of a task, and buffer the rows about them.

    Parameters
    ----------
    context : BatchContext
    names : Pseudonyms
        Derives the keyed hashes of the tables.
    buffer : RowBuffer
    mapping : MappingRowWriter
        Adds the rows of the restricted tables.

    Attributes
    ----------
    output : Location
        Folder of the output.
    """

    def __init__(
        self,
        context: BatchContext,
        names: Pseudonyms,
        buffer: RowBuffer,
        mapping: MappingRowWriter,
    ):
        self.context = context
        self.names = names
        self.buffer = buffer
        self.mapping = mapping
        self.output = parse_uri(context.output)

    @abstractmethod
    def write(self, item: Item, outcome: Outcome) -> Optional[StoredOutput]:
        """Write the output of an item, if it has one.

        Parameters
        ----------
        item : WorkItem
        outcome : Outcome
            Result of the rebuild.

        Raises
        ------
        OutputError
            If the output cannot be written: the run fails, not the item.
        """

    @abstractmethod
    def record(
        self, item: Item, outcome: Outcome, stored: Optional[StoredOutput], seconds: float
    ) -> ItemRecord:
        """Buffer the rows of all tables about one item.

        Parameters
        ----------
        item : WorkItem
        outcome : Outcome
        stored : StoredOutput, optional
            The written output.
        seconds : float
            Time that the item took.

        Returns
        -------
        ItemRecord
            What the item counts for.
        """


class Plugin(ABC, Generic[Item, Engine, Outcome]):
    """One kind of sources. It is sent to the workers, so it is small and can be pickled.

    Attributes
    ----------
    command : str
        Name of the sub-command, as `runs` records it.
    item_type : type
        Row class of the items.
    row_types : tuple of type
        Row classes of the tables, the one that is committed last at the end.
    build : callable
        Builds the engine of a worker process from the configuration. It must be hashable.
    """

    command: ClassVar[str]
    item_type: ClassVar[type[WorkItem]]
    row_types: ClassVar[tuple[type[TableRow], ...]]
    build: Callable[[DeidentifierConfig], Engine]

    @property
    def last_table(self) -> str:
        """Return the table that is committed last: its rows make those of the others count."""
        return self.row_types[-1].table

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables of a batch, the last one at the end."""
        return tuple(row_type.table for row_type in self.row_types)

    def must_read(self, sources: pa.Table) -> pa.Array:
        """Return which sources :meth:`list_items` reads (default: none).

        Parameters
        ----------
        sources : pyarrow.Table
            Columns ``source_id, uri, size, version``.

        Returns
        -------
        pyarrow.BooleanArray
            One value per source.
        """
        return pa.repeat(pa.scalar(False), len(sources))

    @abstractmethod
    def list_items(self, sources: pa.Table) -> pa.Table:
        """Return the items of sources, in the order of the sources.

        Parameters
        ----------
        sources : pyarrow.Table
            Columns ``source_id, uri, size, version``.

        Returns
        -------
        pyarrow.Table
            Columns of ``item_type``, without ``position``; see
            :data:`jobs.common.sources.packing.PACKED_BYTES` for the bytes that an item counts for.
        """

    def scan_range(self, item: Item, context: BatchContext) -> ByteRange:
        """Return the bytes that SCAN reads first (default: those of REBUILD).

        Parameters
        ----------
        item : WorkItem
        context : BatchContext
        """
        del context
        return self.rebuild_range(item)

    def rebuild_range(self, item: Item) -> ByteRange:
        """Return the bytes that REBUILD reads (default: all)."""
        return ByteRange(item.uri, item.version, item.size)

    @abstractmethod
    def scan(self, engine: Engine, item: Item, data: bytes) -> Optional[ItemScan]:
        """Return what an item holds.

        Parameters
        ----------
        engine : Engine
        item : WorkItem
        data : bytes
            Bytes of :meth:`scan_range`, or all bytes in a second call.

        Returns
        -------
        ItemScan or None
            ``None`` if all bytes are needed.

        Raises
        ------
        Refusal
            If the item cannot be processed.
        """

    @abstractmethod
    def rebuild(
        self,
        engine: Engine,
        item: Item,
        data: bytes,
        scan: Optional[ItemScan],
        annotations: Annotations,
        facts: Mapping[str, PatientFacts],
    ) -> Outcome:
        """De-identify an item.

        Parameters
        ----------
        engine : Engine
        item : WorkItem
        data : bytes
        scan : ItemScan, optional
            Result of SCAN, with the state only; ``None`` if the run has no SCAN.
        annotations : mapping, optional
            Spans by text.
        facts : mapping
            Known values of patients by key.

        Raises
        ------
        Refusal
            If the item cannot be processed.
        """

    @abstractmethod
    def refuse(self, refusal: Refusal) -> Outcome:
        """Return the outcome of an item that was refused."""

    @abstractmethod
    def make_recorder(
        self,
        context: BatchContext,
        names: Pseudonyms,
        buffer: RowBuffer,
        mapping: MappingRowWriter,
    ) -> Recorder[Item, Outcome]:
        """Return the recorder of a task; see :class:`Recorder` for the parameters."""
