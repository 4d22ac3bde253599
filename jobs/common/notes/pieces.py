"""Split files of notes into pieces, and read pieces."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from jobs.common.notes.tasks import PieceItem
from jobs.common.spark.object_limits import ObjectLimits, is_repeated_task, run_limited
from jobs.common.spark.packing import PackingLimits
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import read_object
from safelight.notes.file_splitting import FilePartRange
from safelight.notes.formats import FORMATS, FilePart, detect_format, split_file
from safelight.notes.gzip_files import decompress, is_gzipped
from safelight.notes.options import NotesOptions
from safelight.records import Reason, Refusal

if TYPE_CHECKING:
    import pyarrow.parquet as pq
    from pyspark.sql import SparkSession

#: A larger file is split. A worker needs about ten times the bytes of a piece of text.
PIECE_BYTES = 8 * 1024 * 1024
#: Bytes that are read at once of a Parquet file.
_READ_BYTES = 1024 * 1024

_TASK_FILES = 200
_TASKS_PER_CORE = 4


@dataclass(frozen=True, order=True)
class NotePiece(Source):
    """A file of notes or one piece of it; ``size`` is the share of the piece in the file.

    Attributes
    ----------
    file_bytes : int
        Bytes of the file.
    piece, pieces, begin, end, first_group, last_group, first_row, header, delimiter
        See :class:`jobs.common.notes.tasks.PieceItem`.
    """

    file_bytes: int = 0
    piece: int = 1
    pieces: int = 1
    begin: int = 0
    end: int = 0
    first_group: int = 0
    last_group: int = 0
    first_row: int = 1
    header: tuple[str, ...] = ()
    delimiter: str = ""

    @property
    def format(self) -> str:
        """Return the format of the file; empty if it is not a file of notes."""
        return detect_format(self.uri)

    def to_item(self, position: int, source_id: str, conflict: bool) -> PieceItem:
        """Return the piece as a row of the listing.

        Parameters
        ----------
        position : int
            Position in the listing of the batch.
        source_id : str
            Keyed hash of the URI and the version.
        conflict : bool
            Whether the output has the piece under other rules or options.
        """
        return PieceItem(
            position=position,
            source_id=source_id,
            uri=self.uri,
            size=self.file_bytes,
            version=self.version,
            format=self.format,
            piece=self.piece,
            pieces=self.pieces,
            begin=self.begin,
            end=self.end,
            first_group=self.first_group,
            last_group=self.last_group,
            first_row=self.first_row,
            header=list(self.header),
            delimiter=self.delimiter,
            conflict=conflict,
            data=None,
            reason_code="",
            reason="",
        )


def choose_notes_limits(pieces: Sequence[NotePiece], cores: int) -> PackingLimits:
    """Return limits that occupy all cores and bound the texts of a batch.

    Parameters
    ----------
    pieces : sequence of NotePiece
    cores : int
        Cores of the cluster.
    """
    return PackingLimits(
        task_bytes=PIECE_BYTES,
        task_files=min(_TASK_FILES, max(1, -(-len(pieces) // (2 * cores)))),
        batch_tasks=cores * _TASKS_PER_CORE,
    )


def split_sources(
    spark: SparkSession,
    sources: Iterable[Source],
    options: NotesOptions,
    limits: ObjectLimits,
) -> list[NotePiece]:
    """Return the pieces of all sources, in the order of their URIs.

    Large files are split in the cluster, since they must be read for it.

    Parameters
    ----------
    spark : SparkSession
    sources : iterable of Source
    options : NotesOptions
        Options of the run about its input.
    limits : ObjectLimits
        Time and memory of splitting one file.
    """
    pieces: list[NotePiece] = []
    large: list[Source] = []
    piece_bytes = PIECE_BYTES
    for source in sources:
        if source.size > PIECE_BYTES and _split_unit(source) and not is_gzipped(source.uri):
            large.append(source)
        else:
            pieces.append(_whole_file(source))
    if large:
        spread = spark.sparkContext.parallelize(large, len(large))
        split = spread.map(lambda s: split_within_limits(s, options, piece_bytes, limits))
        for found in split.collect():
            pieces += found
    return sorted(pieces)


def split_within_limits(
    source: Source, options: NotesOptions, piece_bytes: int, limits: ObjectLimits
) -> list[NotePiece]:
    """Return the pieces of one source, in a task; see :func:`split_source`.

    Parameters
    ----------
    source : Source
    options : NotesOptions
        Options of the run about its input.
    piece_bytes : int
        Largest size of a piece, if its rows allow it.
    limits : ObjectLimits
        Time and memory of splitting the file. A file that exceeds them is one piece, so that its
        processing exceeds them as well and records the reason.
    """
    try:
        return run_limited(
            lambda: split_source(source, options, piece_bytes), limits, is_repeated_task()
        )
    except (Refusal, MemoryError):
        return [_whole_file(source)]


def split_source(source: Source, options: NotesOptions, piece_bytes: int) -> list[NotePiece]:
    """Return the pieces of one source.

    A source that cannot be read is one piece; the reason is recorded when it is processed.

    Parameters
    ----------
    source : Source
    options : NotesOptions
        Options of the run about its input.
    piece_bytes : int
        Largest size of a piece, if its rows allow it.
    """
    try:
        if _split_unit(source) == "row_groups":
            return _split_parquet(source, piece_bytes)
        parts = split_file(
            lambda begin, end: read_object(source.uri, source.version, begin, end),
            source.size,
            detect_format(source.uri),
            options,
            piece_bytes,
        )
    except Refusal:
        parts = [FilePartRange(0, source.size)]
    return [
        NotePiece(
            source.uri, part.end - part.begin, source.version, source.size, number, len(parts),
            part.begin, part.end, first_row=part.first_row, header=part.header,
            delimiter=part.delimiter,
        )
        for number, part in enumerate(parts, 1)
    ]  # fmt: skip


def _split_unit(source: Source) -> Optional[str]:
    """Return the unit in which a source can be split; see ``NoteFormat``."""
    format_class = FORMATS.get(detect_format(source.uri))
    return format_class.split_unit if format_class is not None else None


def _whole_file(source: Source) -> NotePiece:
    return NotePiece(source.uri, source.size, source.version, source.size, end=source.size)


@dataclass
class _RowGroups:
    """Adjacent row groups of a Parquet file that are one piece."""

    first: int
    last: int
    first_row: int
    size: int


def _split_parquet(source: Source, piece_bytes: int) -> list[NotePiece]:
    import pyarrow as pa

    try:
        metadata = _open_parquet(source.uri, source.version, source.size).metadata
    except MemoryError:
        raise
    except (pa.ArrowException, OSError):
        return [_whole_file(source)]
    runs: list[_RowGroups] = []
    row = 1
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).total_byte_size
        if runs and runs[-1].size + size <= piece_bytes:
            runs[-1].last = group
            runs[-1].size += size
        else:
            runs.append(_RowGroups(group, group, row, size))
        row += metadata.row_group(group).num_rows
    if len(runs) < 2:
        return [_whole_file(source)]
    return [
        NotePiece(
            source.uri, run.size, source.version, source.size, number, len(runs),
            first_group=run.first, last_group=run.last, first_row=run.first_row,
        )
        for number, run in enumerate(runs, 1)
    ]  # fmt: skip


class _RangeFile(io.RawIOBase):
    """A source as a file, of which only the requested ranges are read."""

    def __init__(self, uri: str, version: str, size: int):
        self._uri, self._version, self._size, self._position = uri, version, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        end = min(self._position + len(buffer), self._size)
        data = read_object(self._uri, self._version, self._position, end)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _open_parquet(uri: str, version: str, size: int) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    raw: io.RawIOBase = _RangeFile(uri, version, size)
    return pq.ParquetFile(io.BufferedReader(raw, _READ_BYTES))


def read_piece(item: PieceItem, data: bytes) -> FilePart:
    """Return a piece for the de-identifier.

    Parameters
    ----------
    item : PieceItem
    data : bytes
        Bytes of the range of the piece. They are not used if the piece is rows of a Delta table
        or row groups of a Parquet file.

    Raises
    ------
    Refusal
        If row groups cannot be read, or a compressed file cannot be decompressed.
    """
    if item.data is not None:
        data = item.data
    elif item.format == "parquet" and item.pieces > 1:
        data = _read_row_groups(item)
    elif is_gzipped(item.uri):
        data = decompress(data)
    return FilePart(data, item.format, item.uri, item.first_row, tuple(item.header), item.delimiter)


def _read_row_groups(item: PieceItem) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    groups = range(item.first_group, item.last_group + 1)
    try:
        file = _open_parquet(item.uri, item.version, item.size)
        sink = io.BytesIO()
        pq.write_table(file.read_row_groups(list(groups)), sink)
        return sink.getvalue()
    except MemoryError:  # one class of Arrow derives from it
        raise
    except (pa.ArrowException, OSError):
        raise Refusal(
            Reason.MALFORMED, "row groups of this Parquet file cannot be read; write it again"
        ) from None
