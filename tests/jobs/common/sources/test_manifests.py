from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.sources import manifests
from jobs.common.sources.manifests import find_manifest_files
from jobs.common.sources.source_table import iterate_sources
from jobs.common.storage import s3_client

#: An object whose size and ETag a manifest has is not looked up.
KNOWN = ("s3://scans/a b/1.dcm", 7, "e-1")


def read(uri: Path | str, since: float | None = None) -> list[tuple[str, int, str]]:
    tables = [table for file in find_manifest_files(str(uri)) for table in file.read(since)]
    return [(s.uri, s.size, s.version) for table in tables for s in iterate_sources(table)]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_lines_of_text_are_uris(tmp_path: Path) -> None:
    scan = write(tmp_path / "é.dcm", "123")
    manifest = write(tmp_path / "m.txt", f"\ufeff{scan}\r\n\n  file://{tmp_path}/gone\n")
    (found, missing) = read(manifest)
    assert found[:2] == (str(scan), 3) and found[2]
    assert missing == (f"{tmp_path}/gone", 0, "")


def test_lines_are_resolved_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "CHUNK_ROWS", 2)
    manifest = write(tmp_path / "m.txt", "".join(f"/gone/{n}\n" for n in range(5)))
    assert [uri for uri, *_ in read(manifest)] == [f"/gone/{n}" for n in range(5)]


@pytest.mark.parametrize(
    "text",
    [
        "uri,size,etag\n{uri},7,e-1\n",
        'Size,"ETag",S3_URI,other\n7,"""e-1""",{uri},x\n',
        "bucket,key,size,e_tag\n\nscans,a b/1.dcm,7,e-1\n",
        "Bucket,Key,Version ID,Size,ETag\r\nscans,a b/1.dcm,,7,e-1\r\n",
    ],
)
def test_a_csv_file_has_a_uri_or_a_bucket_and_a_key(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path / "m.csv", text.format(uri=KNOWN[0]))) == [KNOWN]


def test_a_version_id_is_pinned(tmp_path: Path) -> None:
    manifest = write(tmp_path / "m.csv", "uri,version,size,etag\ns3://b/k,v1,7,e\n")
    assert read(manifest) == [("s3://b/k", 7, "e?versionId=v1")]


def test_a_parquet_file_has_the_same_columns(tmp_path: Path) -> None:
    columns = {"bucket": ["scans"], "key": ["a b/1.dcm"], "size": [7], "etag": ["e-1"]}
    pq.write_table(pa.table(columns | {"other": [[1]]}), tmp_path / "m.parquet")
    assert read(tmp_path / "m.parquet") == [KNOWN]


@pytest.mark.parametrize("name", ["many", "many/*"])
def test_a_folder_of_manifests_is_read_in_order(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    write(folder / "2.txt", "/gone/2\n")
    write(folder / "1.csv.gz", gzip.compress(b"uri\n/gone/1\n"))
    write(folder / "_SUCCESS", "")
    write(folder / ".1.csv.crc", b"\xff")
    assert [uri for uri, *_ in read(tmp_path / name)] == ["/gone/1", "/gone/2"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.txt", "/a\ngs://b/doe\n", "line 2: gs:// is not supported"),
        ("m.txt", "/a\n\ns3://b\n", "line 3: the URI names a bucket"),
        ("m.txt", b"/a\n/d\xff\n", "line 2: the text is not UTF-8"),
        ("m.csv", "path to,doe\nx,y\nz\n", "line 3: expected 2 columns"),
        ("m.csv", "a,b,c,d\n", "line 1: expected a column `uri`, or the columns"),
        ("m.csv", "uri,size\n/a,1\n/doe,x\n", "line 3: expected a number of bytes as size"),
        ("m.csv", "uri,size\n/a,1\n,1\n", "line 3: expected a URI"),
        ("m.csv", 'uri\n"/doe\n', "line 2: the quotation marks are not closed"),
        ("m.csv.gz", gzip.compress(b"uri\n/doe\n")[:-9], "is not a complete gzip file"),
        ("m.parquet", b"PAR1doe", "line 1: this is not a Parquet file"),
        ("gone.txt", None, "names no file"),
    ],
)
def test_a_malformed_manifest_is_reported_by_line(
    tmp_path: Path, name: str, content: Any, message: str
) -> None:
    if content is not None:
        write(tmp_path / name, content)
    with pytest.raises(UsageError, match=message) as raised:
        read(tmp_path / name)
    assert name.removesuffix(".gz") in str(raised.value)
    assert "doe" not in str(raised.value)


def test_a_parquet_file_without_the_columns_is_reported(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": ["doe"]}), tmp_path / "m.parquet")
    with pytest.raises(UsageError, match="expected a column `uri`"):
        read(tmp_path / "m.parquet")


def test_objects_on_s3_are_looked_up(bucket: str) -> None:
    client = s3_client.get_client()
    etags = {}
    for key in ("in/a b", "in/c+d"):
        etags[key] = client.put_object(Bucket=bucket, Key=key, Body=b"12")["ETag"].strip('"')
    root = f"s3://{bucket}"
    text = f"{root}/in/a b\ns3a://{bucket}/in/gone\n"
    client.put_object(Bucket=bucket, Key="m/1.txt", Body=text.encode())
    # Keys of S3 Batch Operations are encoded, and there is no header.
    client.put_object(Bucket=bucket, Key="m/2.csv", Body=f'"{bucket}","in/c%2Bd"\n'.encode())
    assert read(f"{root}/m/") == [
        (f"{root}/in/a b", 2, etags["in/a b"]),
        (f"{root}/in/gone", 0, ""),
        (f"{root}/in/c+d", 2, etags["in/c+d"]),
    ]


def test_older_objects_are_left_out(bucket: str) -> None:
    s3_client.get_client().put_object(Bucket=bucket, Key="a", Body=b"12")
    s3_client.get_client().put_object(Bucket=bucket, Key="m.txt", Body=f"s3://{bucket}/a".encode())
    assert len(read(f"s3://{bucket}/m.txt", since=0.0)) == 1
    assert read(f"s3://{bucket}/m.txt", since=4e9) == []


def test_pinned_objects_are_looked_up_in_their_version(bucket: str) -> None:
    client = s3_client.get_client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = client.put_object(Bucket=bucket, Key="a", Body=b"1")
    client.put_object(Bucket=bucket, Key="a", Body=b"22")
    text = f"{bucket},a,{first['VersionId']}\n"
    client.put_object(Bucket=bucket, Key="m.csv", Body=text.encode())
    version = f"{first['ETag']}?versionId={first['VersionId']}".replace('"', "")
    assert read(f"s3://{bucket}/m.csv") == [(f"s3://{bucket}/a", 1, version)]
