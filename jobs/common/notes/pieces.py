"""Files of notes, and the pieces in which large ones are worked on."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from jobs.common.spark.packing import PackingLimits
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import read_object
from safelight.notes.file_splitting import FilePartRange
from safelight.notes.formats import FORMATS, FilePart, detect_format, split_file
from safelight.notes.gzip_files import decompress, is_gzipped
from safelight.notes.options import NotesOptions
from safelight.records import Reason, Refusal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: A larger file is cut. A piece of text takes about ten times its bytes in a worker.
PIECE_BYTES = 8 * 1024 * 1024
_TASK_FILES = 200
_TASKS_PER_CORE = 4

#: What a row of the listing says. ``begin`` and ``end`` are bytes; of Parquet files,
#: ``first_group`` and ``last_group`` are row groups. ``data`` are rows of a Delta table.
LISTED = (
    "position INT, source_id STRING, uri STRING, size BIGINT, version STRING, format STRING, "
    "piece INT, pieces INT, begin BIGINT, end BIGINT, first_group INT, last_group INT, "
    "first_row BIGINT, header ARRAY<STRING>, delimiter STRING, conflict BOOLEAN, data BINARY"
)


@dataclass(frozen=True, order=True)
class NotePiece(Source):
    """A file or a piece of one; ``size`` is the piece's share of the file."""

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
        """See ``detect_format``; empty if it is no file of notes."""
        return detect_format(self.uri)

    def row(self, position: int, source_id: str, conflict: bool) -> tuple[Any, ...]:
        """The row of the listing."""
        return (
            position, source_id, self.uri, self.file_bytes, self.version, self.format, self.piece,
            self.pieces, self.begin, self.end, self.first_group, self.last_group, self.first_row,
            list(self.header), self.delimiter, conflict, None,
        )  # fmt: skip


def choose_notes_limits(pieces: Sequence[NotePiece], cores: int) -> PackingLimits:
    """PackingLimits that let all cores work; a batch holds no more text than the cluster can."""
    return PackingLimits(
        task_bytes=PIECE_BYTES,
        task_files=min(_TASK_FILES, max(1, -(-len(pieces) // (2 * cores)))),
        batch_tasks=cores * _TASKS_PER_CORE,
    )


def split_sources(
    spark: SparkSession, sources: Iterable[Source], options: NotesOptions
) -> list[NotePiece]:
    """The pieces of all sources; where large files can be cut is found out in the cluster."""
    pieces: list[NotePiece] = []
    large: list[Source] = []
    size = PIECE_BYTES
    for source in sources:
        if source.size > PIECE_BYTES and _split_unit(source) and not is_gzipped(source.uri):
            large.append(source)
        else:
            pieces.append(
                NotePiece(source.uri, source.size, source.version, source.size, end=source.size)
            )
    if large:
        spread = spark.sparkContext.parallelize(large, len(large))
        for found in spread.map(lambda source: split_source(source, options, size)).collect():
            pieces += found
    return sorted(pieces)


def _split_unit(source: Source) -> Optional[str]:
    """Return the unit in which a source can be split; see ``NoteFormat``."""
    format_class = FORMATS.get(detect_format(source.uri))
    return format_class.split_unit if format_class is not None else None


def split_source(source: Source, options: NotesOptions, piece_bytes: int) -> list[NotePiece]:
    """The pieces of one source; one if it cannot be read, which is told when it is processed."""
    try:
        if _split_unit(source) == "row_groups":
            return _cut_parquet(source, piece_bytes)
        cuts = split_file(
            lambda begin, end: read_object(source.uri, source.version, begin, end),
            source.size,
            detect_format(source.uri),
            options,
            piece_bytes,
        )
    except Refusal:
        cuts = [FilePartRange(0, source.size)]
    return [
        NotePiece(
            source.uri, one.end - one.begin, source.version, source.size, number, len(cuts),
            one.begin, one.end, first_row=one.first_row, header=one.header,
            delimiter=one.delimiter,
        )
        for number, one in enumerate(cuts, 1)
    ]  # fmt: skip


def _cut_parquet(source: Source, piece_bytes: int) -> list[NotePiece]:
    import pyarrow as pa

    whole = NotePiece(source.uri, source.size, source.version, source.size, end=source.size)
    try:
        metadata = _open_parquet(source.uri, source.version, source.size).metadata
    except (pa.ArrowException, OSError):
        return [whole]
    runs: list[tuple[int, int, int, int]] = []  # first and last group, first row, bytes
    row = 1
    for group in range(metadata.num_row_groups):
        size = metadata.row_group(group).total_byte_size
        if runs and runs[-1][3] + size <= piece_bytes:
            first, _, start, total = runs[-1]
            runs[-1] = (first, group, start, total + size)
        else:
            runs.append((group, group, row, size))
        row += metadata.row_group(group).num_rows
    if len(runs) < 2:
        return [whole]
    return [
        NotePiece(
            source.uri, size, source.version, source.size, number, len(runs),
            first_group=first, last_group=last, first_row=start,
        )
        for number, (first, last, start, size) in enumerate(runs, 1)
    ]  # fmt: skip


class _RangeFile(io.RawIOBase):
    """A source as a file of which only what is asked for is read."""

    def __init__(self, uri: str, version: str, size: int):
        self._uri, self._version, self._size, self._at = uri, version, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        data = read_object(self._uri, self._version, self._at, end)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _open_parquet(uri: str, version: str, size: int) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(io.BufferedReader(_RangeFile(uri, version, size), 1024 * 1024))


def read_piece(row: dict[str, Any], data: bytes) -> FilePart:
    """The piece of a row of the listing; ``data`` are its bytes, if they were fetched.

    Raises
    ------
    Refusal
        If row groups cannot be read, or what is packed cannot be unpacked.
    """
    if row["data"] is not None:
        data = row["data"]
    elif row["format"] == "parquet" and row["pieces"] > 1:
        data = _row_groups(row)
    elif is_gzipped(row["uri"]):
        data = decompress(data)
    return FilePart(
        data, row["format"], row["uri"], row["first_row"], tuple(row["header"]), row["delimiter"]
    )


def _row_groups(row: dict[str, Any]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    groups = range(row["first_group"], row["last_group"] + 1)
    try:
        file = _open_parquet(row["uri"], row["version"], row["size"])
        sink = io.BytesIO()
        pq.write_table(file.read_row_groups(list(groups)), sink)
        return sink.getvalue()
    except (pa.ArrowException, OSError):
        raise Refusal(
            Reason.MALFORMED, "row groups of this Parquet file cannot be read; write it again"
        ) from None
