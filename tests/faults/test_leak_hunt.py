"""The hunt finds what it must find."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.faults.leak_hunt import (
    find_keys,
    find_leaks,
    find_statistics,
    find_unencrypted,
    spell_key,
)

ROWS = pa.table({"words": ["nothing", "Archibald Doe"], "raw": [b"", b"x"]})


def parquet(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(rows, sink, compression="zstd")
    return sink.getvalue()


def zipped(data: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", data)
    return sink.getvalue()


def compressed(data: bytes, codec: str) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.output_stream(sink, compression=codec) as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def arrow(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, rows.schema, options=options) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue())


PLANTED = b"for archibald " * 50


@pytest.mark.parametrize(
    "data",
    [
        PLANTED,
        "Archibald".encode("utf-16-le"),
        gzip.compress(PLANTED),
        compressed(PLANTED, "zstd"),
        compressed(PLANTED, "lz4"),
        parquet(ROWS),
        zipped(PLANTED),
        arrow(ROWS),
    ],
)
def test_a_planted_name_is_found(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "left").write_bytes(data)
    assert find_leaks(tmp_path, ["ARCHIBALD", "other"]) == {"left": ["ARCHIBALD"]}
    assert not find_leaks(tmp_path, ["ARCHIBALD"], [tmp_path / "left"])


def test_the_name_of_a_file_is_searched(tmp_path: Path) -> None:
    (tmp_path / "archibald.tmp").touch()
    assert find_leaks(tmp_path, ["Archibald"])


def test_blocks_that_are_not_encrypted_are_found(tmp_path: Path) -> None:
    block = tmp_path / "blockmgr-1" / "shuffle_0"
    block.parent.mkdir()
    block.write_bytes(bytes(16) + compressed(PLANTED, "zstd"))
    assert find_unencrypted(tmp_path) == ["blockmgr-1/shuffle_0"]


def test_statistics_of_other_columns_are_found(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.parquet").write_bytes(parquet(ROWS.rename_columns(["a", "batch"])))
    assert find_statistics(tmp_path) == ["footer of sources: a"]


KEY = bytes(range(200, 232))


@pytest.mark.parametrize("spelling", spell_key(KEY))
def test_a_key_is_found_in_each_spelling(spelling: bytes, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" + spelling + b"x")
    (tmp_path / "log.gz").write_bytes(gzip.compress(spelling))
    (tmp_path / "other").write_bytes(spelling[:-4])
    assert find_keys(tmp_path, [KEY]) == ["log", "log.gz"]
