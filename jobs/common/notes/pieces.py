"""Split files of notes into pieces, and read pieces."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import encode_rows
from jobs.common.notes.piece_item import PieceItem
from jobs.common.sources.listing import Listing
from jobs.common.sources.packing import PACKED_BYTES, PackingLimits
from jobs.common.spark.object_limits import ObjectLimits, is_repeated_task, run_limited
from jobs.common.storage.objects import read_object
from safelight.notes.file_splitting import FilePartRange
from safelight.notes.formats import FORMATS, FilePart, detect_format, split_file
from safelight.notes.gzip_files import decompress, is_gzipped
from safelight.notes.options import NotesOptions
from safelight.records import Reason, Refusal

if TYPE_CHECKING:
    import pyarrow.parquet as pq

#: A larger file is split. A worker needs about ten times the bytes of a piece of text.
PIECE_BYTES = 8 * 1024 * 1024
#: Bytes that are read at once of a Parquet file.
_READ_BYTES = 1024 * 1024

_TASK_FILES = 200
_TASKS_PER_CORE = 4


def choose_notes_limits(listing: Listing, cores: int) -> PackingLimits:
    """Return limits that occupy all cores and bound the texts of a batch.

    Parameters
    ----------
    listing : Listing
        Files to process.
    cores : int
        Cores of the cluster.
    """
    pieces = max(listing.count, listing.total_bytes // PIECE_BYTES)
    return PackingLimits(
        task_bytes=PIECE_BYTES,
        task_files=min(_TASK_FILES, max(1, -(-pieces // (2 * cores)))),
        batch_tasks=cores * _TASKS_PER_CORE,
    )


def can_split(sources: pa.Table, piece_bytes: int) -> pa.Array:
    """Return which files are split into pieces: large ones of a format that can be split.

    Parameters
    ----------
    sources : pyarrow.Table
        Columns ``uri`` and ``size``.
    piece_bytes : int
        Largest size of a piece.

    Returns
    -------
    pyarrow.BooleanArray
        One value per file.
    """
    uris, sizes = sources["uri"].to_pylist(), sources["size"].to_pylist()
    return pa.array(
        [
            size > piece_bytes and bool(_split_unit(uri)) and not is_gzipped(uri)
            for uri, size in zip(uris, sizes)
        ],
        pa.bool_(),
    )


def list_pieces(
    sources: pa.Table, options: NotesOptions, piece_bytes: int, limits: ObjectLimits
) -> pa.Table:
    """Return the pieces of files, in the order of the files; large files are read.

    Parameters
    ----------
    sources : pyarrow.Table
        Columns ``source_id, uri, size, version``.
    options : NotesOptions
        Options of the run about its input.
    piece_bytes : int
        Largest size of a piece, if its rows allow it.
    limits : ObjectLimits
        Time and memory of splitting one file.

    Returns
    -------
    pyarrow.Table
        Columns of :class:`PieceItem` without ``position``, and the bytes of each piece.
    """
    pieces: list[PieceItem] = []
    rows = sources.select(["source_id", "uri", "size", "version"]).to_pylist()
    for row, is_split in zip(rows, can_split(sources, piece_bytes).to_pylist()):
        file = _whole_file(**row)
        pieces += split_file_into_pieces(file, options, piece_bytes, limits) if is_split else [file]
    table = pa.Table.from_batches([encode_rows(PieceItem, pieces)])
    sizes = pa.array([_packed_bytes(piece) for piece in pieces], pa.int64())
    return table.drop_columns(["position"]).append_column(PACKED_BYTES, sizes)


def split_file_into_pieces(
    file: PieceItem, options: NotesOptions, piece_bytes: int, limits: ObjectLimits
) -> list[PieceItem]:
    """Return the pieces of one file.

    A file that cannot be read is one piece; the reason is recorded when it is processed.

    Parameters
    ----------
    file : PieceItem
        The whole file.
    options : NotesOptions
        Options of the run about its input.
    piece_bytes : int
        Largest size of a piece, if its rows allow it.
    limits : ObjectLimits
        Time and memory of splitting the file. A file that exceeds them is one piece.
    """
    try:
        return run_limited(
            lambda: _split_file(file, options, piece_bytes), limits, is_repeated_task()
        )
    except (Refusal, MemoryError):  # to process the file exceeds the limits as well
        return [file]


def _split_file(file: PieceItem, options: NotesOptions, piece_bytes: int) -> list[PieceItem]:
    try:
        if _split_unit(file.uri) == "row_groups":
            return _split_parquet(file, piece_bytes)
        parts = split_file(
            lambda begin, end: read_object(file.uri, file.version, begin, end),
            file.size,
            file.format,
            options,
            piece_bytes,
        )
    except Refusal:
        parts = [FilePartRange(0, file.size)]
    return [
        replace(
            file,
            piece=number,
            pieces=len(parts),
            begin=part.begin,
            end=part.end,
            first_row=part.first_row,
            header=list(part.header),
            delimiter=part.delimiter,
        )
        for number, part in enumerate(parts, 1)
    ]


def _split_unit(uri: str) -> Optional[str]:
    """Return the unit in which a file can be split; see ``NoteFormat``."""
    format_class = FORMATS.get(detect_format(uri))
    return format_class.split_unit if format_class is not None else None


def _whole_file(source_id: str, uri: str, size: int, version: str) -> PieceItem:
    return PieceItem(
        position=0,
        source_id=source_id,
        uri=uri,
        size=size,
        version=version,
        format=detect_format(uri),
        piece=1,
        pieces=1,
        begin=0,
        end=size,
        first_group=0,
        last_group=0,
        first_row=1,
        header=[],
        delimiter="",
        conflict=False,
        data=None,
    )


def _packed_bytes(piece: PieceItem) -> int:
    """Return the bytes of a piece; those of row groups are their share of the file."""
    return piece.end - piece.begin if piece.end else piece.size // piece.pieces


@dataclass
class _RowGroups:
    """Adjacent row groups of a Parquet file that are one piece."""

    first: int
    last: int
    first_row: int
    size: int


def _split_parquet(file: PieceItem, piece_bytes: int) -> list[PieceItem]:
    try:
        metadata = open_parquet(file.uri, file.version, file.size).metadata
    except (pa.ArrowException, OSError):
        return [file]
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
        return [file]
    return [
        replace(
            file, piece=number, pieces=len(runs), end=0, first_group=run.first,
            last_group=run.last, first_row=run.first_row,
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


def open_parquet(uri: str, version: str, size: int) -> pq.ParquetFile:
    """Open a Parquet file, of which only the requested ranges are read.

    Parameters
    ----------
    uri, version : str
        Location and listed version.
    size : int
        Bytes of the file.
    """
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
    import pyarrow.parquet as pq

    groups = range(item.first_group, item.last_group + 1)
    try:
        file = open_parquet(item.uri, item.version, item.size)
        sink = io.BytesIO()
        pq.write_table(file.read_row_groups(list(groups)), sink)
        return sink.getvalue()
    except MemoryError:  # one class of Arrow derives from it
        raise
    except (pa.ArrowException, OSError):
        raise Refusal(
            Reason.MALFORMED, "row groups of this Parquet file cannot be read; write it again"
        ) from None
