from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc

from jobs.common.cli.errors import UsageError
from jobs.common.sources.inventory import find_inventory_files
from jobs.common.sources.source_table import iterate_sources
from jobs.common.storage import s3_client

_COLUMNS = {
    "bucket": "Bucket", "key": "Key", "version_id": "VersionId", "is_latest": "IsLatest",
    "is_delete_marker": "IsDeleteMarker", "size": "Size",
    "last_modified_date": "LastModifiedDate", "e_tag": "ETag", "storage_class": "StorageClass",
}  # fmt: skip
_ORC_SCHEMA = (
    "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,"
    "size:bigint,last_modified_date:timestamp,e_tag:string,storage_class:string>"
)
_PARQUET_SCHEMA = (
    "message s3.inventory {  required binary bucket (UTF8);  required binary key (UTF8);  "
    "optional binary version_id (UTF8);  optional boolean is_latest;  "
    "optional boolean is_delete_marker;  optional int64 size;  "
    "optional int64 last_modified_date (TIMESTAMP(MILLIS,true));  optional binary e_tag (UTF8);  "
    "optional binary storage_class (UTF8);}"
)

OLD, NEW = (datetime(year, 5, 1, 12, tzinfo=timezone.utc) for year in (2020, 2026))

#: Key, version ID, whether it is the latest version, whether it is a delete marker, size, time.
ROWS = [
    ("a/1 é+%.dcm", "v1", True, False, 5, OLD),
    ("a/2.dcm", "v2", True, False, 6, NEW),
    ("a/2.dcm", "v0", False, False, 4, OLD),
    ("a/gone.dcm", "v3", True, True, None, NEW),
    ("a/", "v4", True, False, 0, NEW),
    ("b/null.dcm", "", True, False, 7, NEW),
]
EXPECTED = [
    ("s3://scans/a/1 é+%.dcm", 5, "e0?versionId=v1"),
    ("s3://scans/a/2.dcm", 6, "e1?versionId=v2"),
    ("s3://scans/b/null.dcm", 7, "e5"),
]


def make_table() -> pa.Table:
    keys, versions, latest, deleted, sizes, times = zip(*ROWS)
    return pa.table(
        {
            "bucket": ["scans"] * len(ROWS),
            "key": keys,
            "version_id": versions,
            "is_latest": latest,
            "is_delete_marker": deleted,
            "size": pa.array(sizes, pa.int64()),
            "last_modified_date": pa.array(times, pa.timestamp("ms", "UTC")),
            "e_tag": [f"e{n}" for n in range(len(ROWS))],
            "storage_class": ["STANDARD"] * len(ROWS),
        }
    )


def encode_csv() -> bytes:
    lines = []
    for n, (key, version, latest, deleted, size, time) in enumerate(ROWS):
        name = key.replace("%", "%25").replace("+", "%2B").replace("é", "%C3%A9")
        values = ["scans", name.replace(" ", "+"), version, str(latest).lower(),
                  str(deleted).lower(), "" if size is None else str(size),
                  f"{time:%Y-%m-%dT%H:%M:%S.000Z}", f"e{n}", "STANDARD"]  # fmt: skip
        lines.append(",".join(f'"{value}"' for value in values) + "\n")
    return gzip.compress("".join(lines).encode())


def encode_orc() -> bytes:
    sink = io.BytesIO()
    table = make_table()
    times = table["last_modified_date"].cast(pa.timestamp("ns", "UTC"))
    orc.write_table(table.set_column(6, "last_modified_date", times), sink)
    return sink.getvalue()


def encode_parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(make_table(), sink)
    return sink.getvalue()


FORMATS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "CSV": (encode_csv, "csv.gz", ", ".join(_COLUMNS.values())),
    "ORC": (encode_orc, "orc", _ORC_SCHEMA),
    "Parquet": (encode_parquet, "parquet", _PARQUET_SCHEMA),
}


class Inventory:
    """A local copy of an inventory."""

    def __init__(self, folder: Path, kind: str, data: bytes | None = None, schema: str = ""):
        encode, extension, its_schema = FORMATS[kind]
        data = encode() if data is None else data
        self.file = f"data/f.{extension}"
        self.key = f"inventory/scans/id/{self.file}"
        (folder / "data").mkdir(parents=True)
        (folder / "2026-11-30T01-00Z").mkdir()
        (folder / self.file).write_bytes(data)
        self.path = folder / "2026-11-30T01-00Z" / "manifest.json"
        self.manifest: dict[str, Any] = {
            "sourceBucket": "scans",
            "destinationBucket": "arn:aws:s3:::inventories",
            "version": "2016-11-30",
            "creationTimestamp": "1796000000000",
            "fileFormat": kind,
            "fileSchema": schema or its_schema,
            "files": [{"key": self.key, "size": len(data),
                       "MD5checksum": hashlib.md5(data).hexdigest()}],
        }  # fmt: skip
        self.save()

    def save(self) -> None:
        self.path.write_text(json.dumps(self.manifest, indent=1))


def read(uri: Path | str, since: datetime | None = None) -> list[tuple[str, int, str]]:
    time = since.timestamp() if since else None
    tables = [table for file in find_inventory_files(str(uri)) for table in file.read(time)]
    return [(s.uri, s.size, s.version) for table in tables for s in iterate_sources(table)]


@pytest.mark.parametrize("kind", FORMATS)
def test_current_objects_are_read_in_their_versions(tmp_path: Path, kind: str) -> None:
    assert read(Inventory(tmp_path, kind).path) == EXPECTED


@pytest.mark.parametrize("kind", FORMATS)
def test_older_objects_are_left_out(tmp_path: Path, kind: str) -> None:
    assert read(Inventory(tmp_path, kind).path, NEW) == EXPECTED[1:]


@pytest.mark.parametrize("kind", FORMATS)
def test_an_inventory_of_current_versions_has_fewer_columns(tmp_path: Path, kind: str) -> None:
    table = make_table().select(["bucket", "key", "size", "e_tag"]).take([0, 1])
    sink = io.BytesIO()
    schema = "message s3.inventory { required binary bucket (UTF8);  required binary key (UTF8); "
    schema += "optional int64 size;  optional binary e_tag (UTF8);}"
    if kind == "CSV":
        sink.write(gzip.compress(b'"scans","a/1",5,"e0"\n"scans","a/2",6,"e1"\n'))
        schema = "Bucket, Key, Size, ETag"
    elif kind == "ORC":
        orc.write_table(table, sink)
        schema = "struct<bucket:string,key:string,size:bigint,e_tag:string>"
    else:
        pq.write_table(table, sink)
    found = read(Inventory(tmp_path, kind, sink.getvalue(), schema).path)
    assert [row[1:] for row in found] == [(5, "e0"), (6, "e1")]


def test_an_inventory_is_read_from_its_bucket(bucket: str, tmp_path: Path) -> None:
    inventory = Inventory(tmp_path, "Parquet")
    client = s3_client.get_client()
    manifest = "inventory/scans/id/2026-11-30T01-00Z/manifest.json"
    body = inventory.path.read_bytes()
    client.put_object(Bucket=bucket, Key=manifest, Body=body)
    checksum = hashlib.md5(body).hexdigest() + "\n"
    client.put_object(Bucket=bucket, Key=manifest.replace(".json", ".checksum"), Body=checksum)
    data = (tmp_path / inventory.file).read_bytes()
    client.put_object(Bucket=bucket, Key=inventory.key, Body=data)
    assert read(f"s3://{bucket}/{manifest}") == EXPECTED


@pytest.mark.parametrize("kind", FORMATS)
def test_a_changed_file_is_refused(tmp_path: Path, kind: str) -> None:
    inventory = Inventory(tmp_path, kind)
    with (tmp_path / inventory.file).open("ab") as file:
        file.write(b" ")
    with pytest.raises(UsageError, match="MD5 checksum is not that of manifest.json"):
        read(inventory.path)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_another_format_is_refused(tmp_path: Path, kind: str) -> None:
    inventory = Inventory(tmp_path, kind, b"doe,jane")
    with pytest.raises(UsageError, match=f"cannot be read as {kind}") as raised:
        read(inventory.path)
    assert "doe" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"b","k",1,"e"\n"b","doe",2\n', "line 2: expected 4 columns"),
        ('"b","k",1,"e"\n"b","doe",x,"e"\n', "line 2: expected a number of bytes as Size"),
        ('"b","k",1,"e"\n"b","doe",,"e"\n', "line 2: expected a value of Size"),
        ('"b","doe",1,""\n', "line 1: expected a value of ETag"),
    ],
)
def test_a_malformed_line_is_reported(tmp_path: Path, text: str, message: str) -> None:
    data = gzip.compress(text.encode())
    inventory = Inventory(tmp_path, "CSV", data, "Bucket, Key, Size, ETag")
    with pytest.raises(UsageError, match=rf"f\.csv\.gz, {message}") as raised:
        read(inventory.path)
    assert "doe" not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fileFormat": "JSON"}, "fileFormat must be one of CSV, ORC, Parquet"),
        ({"fileSchema": "Bucket, Key, Size"}, "the inventory has no ETag; add the field"),
        ({"fileSchema": "Bucket, Key"}, "has no Size and no ETag"),
        ({"files": [{}]}, "not manifest.json of S3 Inventory"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    inventory = Inventory(tmp_path, "CSV")
    inventory.manifest |= change
    inventory.save()
    with pytest.raises(UsageError, match=message):
        read(inventory.path)


def test_a_manifest_that_is_not_json_is_reported_by_line(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"a": 1,\n"b": doe}')
    with pytest.raises(UsageError, match=r"manifest\.json, line 2: this is not manifest.json"):
        read(tmp_path / "manifest.json")


def test_a_manifest_with_another_checksum_is_refused(tmp_path: Path) -> None:
    inventory = Inventory(tmp_path, "CSV")
    (inventory.path.parent / "manifest.checksum").write_text("0" * 32)
    with pytest.raises(UsageError, match="MD5 is not that of manifest.checksum"):
        read(inventory.path)


def test_an_inventory_without_times_cannot_be_limited_by_time(tmp_path: Path) -> None:
    data = gzip.compress(b'"b","k",1,"e"\n')
    inventory = Inventory(tmp_path, "CSV", data, "Bucket, Key, Size, ETag")
    with pytest.raises(UsageError, match="no LastModifiedDate, which --since needs"):
        read(inventory.path, NEW)


def test_a_missing_inventory_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path / "manifest.json")
