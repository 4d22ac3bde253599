"""Read manifests: files that name objects one by one, as lines of text, as CSV or as Parquet."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import NamedTuple, Optional
from urllib.parse import unquote_plus

import pyarrow as pa

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import add_advice
from jobs.common.cli.errors import UsageError
from jobs.common.sources.local_folders import add_file
from jobs.common.sources.location_listing import list_location
from jobs.common.sources.object_lookup import WantedKey, look_up
from jobs.common.sources.source_table import (
    CHUNK_ROWS,
    SourceTableBuilder,
    iterate_sources,
    merge_sources,
)
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import backend_of
from jobs.common.storage.pinned_version import pin_version

#: Names of the columns of a manifest, without underscores and spaces, in lower case.
_COLUMN_NAMES = {
    "uri": "uri", "url": "uri", "path": "uri", "s3uri": "uri",
    "bucket": "bucket", "key": "key",
    "version": "version_id", "versionid": "version_id",
    "size": "size", "etag": "etag",
}  # fmt: skip

_EXPECTED = "a column `uri`, or the columns `bucket` and `key`"


class ManifestEntry(NamedTuple):
    """One object that a manifest names. HOLDS PHI.

    Attributes
    ----------
    uri : str
        URI as it was written.
    version_id, etag : str
        Version ID and ETag; empty if they are not given.
    size : int or None
        Bytes; ``None`` if they are not given.
    """

    uri: str
    version_id: str = ""
    etag: str = ""
    size: Optional[int] = None


@dataclass(frozen=True)
class ManifestFile:
    """One file of a manifest.

    Attributes
    ----------
    uri : str
        Location of the file.
    size : int
        Bytes.
    """

    uri: str
    size: int

    def read(self, since: Optional[float]) -> Iterator[pa.Table]:
        """Yield the sources that the file names, those of several thousand lines at a time.

        Parameters
        ----------
        since : float, optional
            Leave out objects that were modified before, in seconds since the epoch. Those whose
            size and ETag the manifest has are not looked up, and never left out.

        Raises
        ------
        UsageError
            If the file cannot be read, or a line is malformed.
        JobError
            If a bucket cannot be read.
        """
        chunk: list[tuple[int, ManifestEntry]] = []
        for entry in self._entries():
            chunk.append(entry)
            if len(chunk) == CHUNK_ROWS:
                yield self._resolve(chunk, since)
                chunk = []
        if chunk:
            yield self._resolve(chunk, since)

    def _entries(self) -> Iterator[tuple[int, ManifestEntry]]:
        """Yield the entries with the numbers of their lines."""
        data = self._load()
        name = self.uri.removesuffix(".gz").lower()
        try:
            if name.endswith(".parquet"):
                yield from _read_parquet(data)
            elif name.endswith(".csv"):
                yield from _read_csv(_decode_lines(data))
            else:
                yield from _read_text(_decode_lines(data))
        except _LineError as error:
            raise self.error(error.line, error.message) from None

    def _load(self) -> bytes:
        location = parse_uri(self.uri)
        try:
            data = backend_of(location).read(location, None)
            return gzip.decompress(data) if self.uri.endswith(".gz") else data
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise UsageError(f"{self.uri} is not a complete gzip file; write it again") from None
        except Exception as error:  # OSError or a class of botocore
            code = error_code(error)
            raise UsageError(add_advice(f"{self.uri} cannot be read", code)) from None

    def error(self, line: int, message: str) -> UsageError:
        """Return the error of a line.

        Parameters
        ----------
        line : int
            Number of the line, from 1.
        message : str
            What is wrong, without a value of the line.
        """
        return UsageError(f"{self.uri}, line {line}: {message}")

    def _resolve(
        self, entries: Sequence[tuple[int, ManifestEntry]], since: Optional[float]
    ) -> pa.Table:
        """Return the sources of entries; a missing object has an empty version."""
        builder = SourceTableBuilder(since)
        wanted: dict[str, list[WantedKey]] = {}
        for line, entry in entries:
            try:
                location = parse_uri(entry.uri)
                if location.on_s3 and not location.path:
                    raise UsageError("the URI names a bucket; name an object")
            except UsageError as error:
                raise self.error(line, str(error)) from None
            if not location.on_s3:
                add_file(location.path, builder)
            elif entry.etag and entry.size is not None:
                version = pin_version(entry.etag, entry.version_id or None)
                builder.add(location.uri, entry.size, version)
            else:
                key = WantedKey(location.path, entry.version_id or None)
                wanted.setdefault(location.bucket, []).append(key)
        for bucket, keys in wanted.items():
            for key, found in zip(keys, look_up(bucket, keys)):
                uri = Location(bucket, key.key).uri
                builder.add(uri, found.size, found.version, _seconds(found.modified))
        return builder.finish()


def _seconds(modified: str) -> Optional[float]:
    """Return a time of S3 in seconds since the epoch; ``None`` if there is none."""
    if not modified:
        return None
    return datetime.fromisoformat(modified[:19]).replace(tzinfo=timezone.utc).timestamp()


def find_manifest_files(uri: str) -> list[ManifestFile]:
    """Return the files of a manifest: the file, all below the folder, or all that match.

    Files whose names begin with an underscore or a dot, such as ``_SUCCESS``, are left out.

    Raises
    ------
    UsageError
        If the file does not exist.
    JobError
        If a bucket or a folder cannot be listed.
    """
    listed = iterate_sources(merge_sources([list_location(parse_uri(uri)).table]))
    files = [
        ManifestFile(source.uri, source.size)
        for source in listed
        if not source.uri.rpartition("/")[2].startswith(("_", "."))
    ]
    if not files:
        raise UsageError(f"--manifest {uri} names no file")
    return files


class _LineError(Exception):
    """Raised if a line is malformed; the message holds no value of the line."""

    def __init__(self, line: int, message: str):
        super().__init__(message)
        self.line = line
        self.message = message


def _decode_lines(data: bytes) -> Iterator[str]:
    """Yield the lines of a text in UTF-8."""
    for number, line in enumerate(io.BytesIO(data), 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise _LineError(number, "the text is not UTF-8; save the file as UTF-8") from None


def _read_text(lines: Iterable[str]) -> Iterator[tuple[int, ManifestEntry]]:
    """Yield the entries of a file with one URI per line."""
    for number, line in enumerate(lines, 1):
        if text := line.strip():
            yield number, ManifestEntry(text)


def _read_csv(lines: Iterable[str]) -> Iterator[tuple[int, ManifestEntry]]:
    """Yield the entries of a CSV file.

    Without a header, it is a manifest of S3 Batch Operations: bucket, encoded key and, if there
    is a third column, version ID.
    """
    rows = csv.reader(lines, strict=True)
    make_entry: Optional[Callable[[Sequence[str]], ManifestEntry]] = None
    width = 0
    try:
        for row in rows:
            if not any(row):
                continue
            if make_entry is None:
                width = len(row)
                columns = _find_columns(row)
                if columns:
                    make_entry = _entry_maker(columns)
                    continue
                if width not in (2, 3):
                    raise _LineError(rows.line_num, f"expected {_EXPECTED} in the header")
                make_entry = _batch_operations_entry
            if len(row) != width:
                raise _LineError(rows.line_num, f"expected {width} columns, as in the lines before")
            try:
                entry = make_entry(row)
            except ValueError:
                raise _LineError(rows.line_num, "expected a number of bytes as size") from None
            if not entry.uri:
                raise _LineError(rows.line_num, "expected a URI, or a bucket and a key")
            yield rows.line_num, entry
    except csv.Error:
        raise _LineError(rows.line_num, "the quotation marks are not closed") from None


def _find_columns(names: Sequence[str]) -> dict[str, int]:
    """Return the indices of known columns; none if the names are not those of a manifest."""
    known = (_COLUMN_NAMES.get(name.strip().lower().replace("_", "").replace(" ", ""))
             for name in names)  # fmt: skip
    columns = {name: index for index, name in enumerate(known) if name is not None}
    return columns if "uri" in columns or {"bucket", "key"} <= columns.keys() else {}


def _entry_maker(columns: dict[str, int]) -> Callable[[Sequence[str]], ManifestEntry]:
    """Return a function that makes an entry from the values of a row."""
    uri, bucket, key = (columns.get(name, -1) for name in ("uri", "bucket", "key"))
    version_id, etag, size = (columns.get(name, -1) for name in ("version_id", "etag", "size"))

    def make_entry(row: Sequence[str]) -> ManifestEntry:
        if uri >= 0:
            name = row[uri].strip()
        else:
            name = f"s3://{row[bucket].strip()}/{row[key]}" if row[bucket] and row[key] else ""
        size_text = row[size].strip() if size >= 0 else ""
        return ManifestEntry(
            name,
            row[version_id].strip() if version_id >= 0 else "",
            row[etag].strip().strip('"') if etag >= 0 else "",
            int(size_text) if size_text else None,
        )

    return make_entry


def _batch_operations_entry(row: Sequence[str]) -> ManifestEntry:
    bucket, key = row[0].strip(), unquote_plus(row[1])
    version_id = row[2].strip() if len(row) > 2 else ""
    return ManifestEntry(f"s3://{bucket}/{key}" if bucket and key else "", version_id)


def _read_parquet(data: bytes) -> Iterator[tuple[int, ManifestEntry]]:
    """Yield the entries of a Parquet file; the number of a line is that of the row."""
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        names = file.schema_arrow.names
        columns = _find_columns(names)
        if not columns:
            raise _LineError(1, f"expected {_EXPECTED} in the schema")
        make_entry = _entry_maker({name: place for place, name in enumerate(columns)})
        number = 0
        for batch in file.iter_batches(columns=[names[index] for index in columns.values()]):
            values = [batch.column(names[index]).cast(pa.string()).fill_null("").to_pylist()
                      for index in columns.values()]  # fmt: skip
            for row in zip(*values):
                number += 1
                entry = make_entry(row)
                if not entry.uri:
                    raise _LineError(number, "expected a URI, or a bucket and a key")
                yield number, entry
    except pa.ArrowException:
        raise _LineError(1, "this is not a Parquet file of strings; write it again") from None
