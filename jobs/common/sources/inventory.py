"""Read S3 Inventory: lists of all objects of a bucket as CSV, ORC or Parquet.

source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.cli.errors import UsageError
from jobs.common.sources.source_table import SOURCE_SCHEMA
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import backend_of, read_bytes
from jobs.common.storage.pinned_version import VERSION_ID_SEPARATOR

#: Columns of an inventory that are read, by their names without underscores in lower case.
_COLUMN_NAMES = {
    "bucket": "bucket",
    "key": "key",
    "size": "size",
    "etag": "etag",
    "versionid": "version_id",
    "islatest": "is_latest",
    "isdeletemarker": "is_delete_marker",
    "lastmodifieddate": "modified",
}
_REQUIRED = {"bucket": "Bucket", "key": "Key", "size": "Size", "etag": "ETag"}

_FORMATS = ("CSV", "ORC", "Parquet")
_CSV_BLOCK_BYTES = 8 * 1024 * 1024
_READ_ROWS = 65_536


@dataclass(frozen=True)
class InventoryFile:
    """One data file of an inventory.

    Attributes
    ----------
    uri : str
        Location of the file.
    size : int
        Bytes.
    md5 : str
        Hexadecimal MD5 of the file.
    format : str
        ``CSV``, ``ORC`` or ``Parquet``.
    columns : tuple of str
        Columns of a CSV file, in their order.
    """

    uri: str
    size: int
    md5: str
    format: str
    columns: tuple[str, ...]

    def read(self, since: Optional[float]) -> Iterator[pa.Table]:
        """Yield the current objects of the file, several thousand at a time.

        Parameters
        ----------
        since : float, optional
            Leave out objects that were modified before, in seconds since the epoch.

        Raises
        ------
        UsageError
            If the file cannot be read, is not the one of the inventory, or a line is malformed.
        """
        data = read_bytes(self.uri)
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != self.md5:
            raise UsageError(
                f"{self._name}: the MD5 checksum is not that of manifest.json; copy the file again"
            )
        read = {"CSV": self._read_csv, "ORC": self._read_orc, "Parquet": self._read_parquet}
        try:
            for line, rows in read[self.format](data):
                yield self._to_sources(rows, line, since)
        except (pa.ArrowException, OSError):
            raise UsageError(
                f"{self._name} cannot be read as {self.format}; take another inventory"
            ) from None

    @property
    def _name(self) -> str:
        """Return the name of the file, which holds no key of the bucket."""
        return self.uri.rpartition("/")[2]

    def _error(self, line: int, message: str) -> UsageError:
        return UsageError(f"{self._name}, line {line}: {message}")

    def _read_csv(self, data: bytes) -> Iterator[tuple[int, pa.Table]]:
        """Yield rows and the number of the line before the first one."""
        from pyarrow import csv

        stream: Any = pa.BufferReader(data)
        if self.uri.endswith(".gz"):
            stream = pa.CompressedInputStream(stream, "gzip")
        bad_lines: list[int] = []

        def note_bad_line(row: Any) -> str:
            bad_lines.append(row.number)
            return "skip"

        wanted = {name: _column_name(name) for name in self.columns}
        included = [name for name, column in wanted.items() if column]
        reader = csv.open_csv(
            stream,
            csv.ReadOptions(
                use_threads=False, block_size=_CSV_BLOCK_BYTES, column_names=list(self.columns)
            ),
            csv.ParseOptions(invalid_row_handler=note_bad_line, ignore_empty_lines=False),
            csv.ConvertOptions(
                include_columns=included, column_types=dict.fromkeys(included, pa.string())
            ),
        )
        line = 0
        for batch in reader:
            if bad_lines:
                raise self._error(bad_lines[0], f"expected {len(self.columns)} columns")
            rows = pa.Table.from_batches([batch]).rename_columns([wanted[n] for n in included])
            yield line, self._parse_csv(rows, line)
            line += len(rows)
        if bad_lines:
            raise self._error(bad_lines[0], f"expected {len(self.columns)} columns")

    def _parse_csv(self, rows: pa.Table, line: int) -> pa.Table:
        """Return the rows of a CSV file with sizes as numbers and decoded keys."""
        sizes = rows["size"]
        if not pc.all(pc.match_substring_regex(sizes, r"^\d{0,18}$")).as_py():
            bad = pc.index(pc.match_substring_regex(sizes, r"^\d{0,18}$"), False).as_py()
            raise self._error(line + bad + 1, "expected a number of bytes as Size")
        sizes = pc.if_else(pc.equal(sizes, ""), None, sizes).cast(pa.int64())
        rows = _replace(rows, "size", sizes)
        return _replace(rows, "key", _decode_keys(rows["key"]))

    def _read_orc(self, data: bytes) -> Iterator[tuple[int, pa.Table]]:
        from pyarrow import orc

        file = orc.ORCFile(pa.BufferReader(data))
        names = self._select(file.schema.names)
        line = 0
        for stripe in range(file.nstripes):
            rows = pa.Table.from_batches([file.read_stripe(stripe, columns=list(names))])
            rows = rows.select(list(names)).rename_columns(list(names.values()))
            yield line, rows
            line += len(rows)

    def _read_parquet(self, data: bytes) -> Iterator[tuple[int, pa.Table]]:
        import pyarrow.parquet as pq

        file = pq.ParquetFile(pa.BufferReader(data))
        names = self._select(file.schema_arrow.names)
        line = 0
        for batch in file.iter_batches(_READ_ROWS, columns=list(names)):
            rows = pa.Table.from_batches([batch]).select(list(names))
            yield line, rows.rename_columns(list(names.values()))
            line += len(rows)

    def _select(self, names: list[str]) -> dict[str, str]:
        """Return the columns to read, by their names in the file."""
        found = {name: column for name in names if (column := _column_name(name))}
        _require_columns(self._name, found)
        return found

    def _to_sources(self, rows: pa.Table, line: int, since: Optional[float]) -> pa.Table:
        """Return the current objects of rows that were modified since a time."""
        kept = pc.invert(pc.ends_with(rows["key"], "/"))  # the marker object of a folder
        if "is_latest" in rows.column_names:
            kept = pc.and_(kept, _is_true(rows["is_latest"], default=True))
        if "is_delete_marker" in rows.column_names:
            kept = pc.and_(kept, pc.invert(_is_true(rows["is_delete_marker"], default=False)))
        if since is not None:
            kept = pc.and_(kept, self._is_newer(rows, since))
        numbers = pa.array(range(line + 1, line + 1 + len(rows)), pa.int64())
        rows = rows.append_column("line", numbers).filter(kept)
        self._check_values(rows)
        etags = pc.utf8_trim(rows["etag"].cast(pa.string()), '"')
        versions = etags
        if "version_id" in rows.column_names:
            ids = rows["version_id"].cast(pa.string()).fill_null("")
            pinned = pc.binary_join_element_wise(etags, ids, VERSION_ID_SEPARATOR)
            versions = pc.if_else(pc.equal(ids, ""), etags, pinned)
        buckets, keys = (rows[name].cast(pa.string()) for name in ("bucket", "key"))
        uris = pc.binary_join_element_wise("s3:/", buckets, keys, "/")
        return pa.table([uris, rows["size"].cast(pa.int64()), versions], schema=SOURCE_SCHEMA)

    def _check_values(self, rows: pa.Table) -> None:
        """Raise if a current object has no key, size or ETag."""
        for column, name in _REQUIRED.items():
            values = rows[column]
            missing = pc.is_null(values)
            if not pa.types.is_integer(values.type):
                missing = pc.or_(missing, pc.equal(values.cast(pa.string()).fill_null(""), ""))
            row = pc.index(missing, True).as_py()
            if row >= 0:
                raise self._error(rows["line"][row].as_py(), f"expected a value of {name}")

    def _is_newer(self, rows: pa.Table, since: float) -> pa.ChunkedArray:
        if "modified" not in rows.column_names:
            raise UsageError(
                f"{self._name} has no LastModifiedDate, which --since needs; add the field to the "
                "inventory or leave out --since"
            )
        modified = rows["modified"]
        if pa.types.is_string(modified.type):
            return pc.greater_equal(modified, s3_client.utc_time(since)).fill_null(True)
        if pa.types.is_integer(modified.type):
            modified = modified.cast(pa.timestamp("ms"))
        times = modified.cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
        return pc.greater_equal(times, int(since) * 1000).fill_null(True)


def find_inventory_files(uri: str) -> list[InventoryFile]:
    """Return the data files of an inventory.

    Parameters
    ----------
    uri : str
        Location of its manifest.json.

    Raises
    ------
    UsageError
        If the manifest cannot be read, is not that of an inventory, or lacks a field.
    """
    location = parse_uri(uri)
    content = read_bytes(uri)
    _check_checksum(uri, location, content)
    try:
        manifest = json.loads(content)
        kind, schema = manifest["fileFormat"], manifest["fileSchema"]
        entries = [
            (str(entry["key"]), int(entry["size"]), str(entry["MD5checksum"]))
            for entry in manifest["files"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UsageError(
            f"{uri}{line}: this is not manifest.json of S3 Inventory; give its URI"
        ) from None
    if kind not in _FORMATS:
        raise UsageError(f"{uri}: fileFormat must be one of {', '.join(_FORMATS)}")
    columns = _schema_columns(str(schema))
    _require_columns(uri, {name: column for name in columns if (column := _column_name(name))})
    return [
        InventoryFile(_locate(location, key).uri, size, md5, kind, columns)
        for key, size, md5 in entries
    ]


def _check_checksum(uri: str, location: Location, content: bytes) -> None:
    """Compare manifest.json with manifest.checksum, if it is in the same folder."""
    folder, slash, _ = location.path.rpartition("/")
    checksum = Location(location.bucket, f"{folder}{slash}manifest.checksum")
    try:
        expected = backend_of(checksum).read(checksum, None).decode("ascii", "replace").strip()
    except Exception:  # OSError or a class of botocore: it is optional
        return
    if expected != hashlib.md5(content, usedforsecurity=False).hexdigest():
        raise UsageError(f"{uri}: its MD5 is not that of manifest.checksum; copy both again")


def _locate(manifest: Location, key: str) -> Location:
    """Return the location of a data file: in the bucket of the manifest, or in a local copy."""
    if manifest.on_s3:
        return Location(manifest.bucket, key)
    # An inventory has its manifests in <ID>/<date>/ and its data files in <ID>/data/.
    folder = os.path.dirname(os.path.dirname(manifest.path))
    return Location("", os.path.join(folder, "data", os.path.basename(key)))


def _schema_columns(schema: str) -> tuple[str, ...]:
    """Return the columns of a ``fileSchema``, which has a form of its own in each format."""
    if schema.startswith("struct<"):
        return tuple(re.findall(r"(\w+):", schema))
    if schema.startswith("message "):
        return tuple(re.findall(r"(?:required|optional)\s+\w+\s+(\w+)", schema))
    return tuple(name.strip() for name in schema.split(","))


def _column_name(name: str) -> Optional[str]:
    """Return our name of a column of an inventory; ``None`` if it is not needed."""
    return _COLUMN_NAMES.get(name.lower().replace("_", ""))


def _require_columns(name: str, columns: Mapping[str, str]) -> None:
    missing = [shown for column, shown in _REQUIRED.items() if column not in columns.values()]
    if missing:
        raise UsageError(
            f"{name}: the inventory has no {' and no '.join(missing)}; add the field to the "
            "configuration of the inventory"
        )


def _replace(table: pa.Table, name: str, values: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _decode_keys(keys: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the keys of a CSV file, which are URL-encoded."""
    if not pc.any(pc.match_substring_regex(keys, "[%+]")).as_py():
        return keys
    decoded = [unquote_plus(key) if "%" in key or "+" in key else key for key in keys.to_pylist()]
    return pa.chunked_array([decoded], pa.string())


def _is_true(values: pa.ChunkedArray, default: bool) -> pa.ChunkedArray:
    """Return Boolean values, which CSV has as text."""
    if not pa.types.is_boolean(values.type):
        texts = pc.utf8_lower(values.cast(pa.string()))
        values = pc.if_else(pc.equal(texts, ""), None, pc.equal(texts, "true"))
    return values.fill_null(default)
