from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from jobs.common.delta import row_file
from jobs.common.delta.row_file import RowFileWriter
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import parse_uri

_SCHEMA = pa.schema([("release", pa.string()), ("path", pa.string()), ("size", pa.int64())])


def _rows(*names: str) -> pa.Table:
    return pa.table([["one"] * len(names), names, range(len(names))], schema=_SCHEMA)


def _write(path: Path, *tables: pa.Table) -> str:
    with RowFileWriter(str(path), _SCHEMA) as writer:
        for table in tables:
            writer.add(table)
    return str(path)


def test_small_tables_are_joined_in_groups_of_limited_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_file, "ROW_GROUP_ROWS", 3)
    path = _write(tmp_path / "rows", _rows("a"), _rows(), _rows("b", "c", "d", "e"), _rows("f"))
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert groups == [3, 2, 1]
    assert pq.read_table(path)["path"].to_pylist() == list("abcdef")


def test_a_file_without_rows_has_the_columns(tmp_path: Path) -> None:
    assert pq.read_table(_write(tmp_path / "rows")) == _SCHEMA.empty_table()


def test_each_append_of_a_file_is_one_commit(tmp_path: Path) -> None:
    path = _write(tmp_path / "rows", _rows("a", "b"))
    folder = DeltaFolder(parse_uri(str(tmp_path / "table")))
    folder.append_file(path)
    folder.append_file(path)
    table = DeltaTable(str(tmp_path / "table"))
    assert sorted(table.to_pyarrow_table()["path"].to_pylist()) == ["a", "a", "b", "b"]
    assert len(table.get_add_actions()) == 2


def test_only_columns_without_phi_have_bounds_in_the_file_and_in_the_log(tmp_path: Path) -> None:
    path = _write(tmp_path / "rows", _rows("a", "b"))
    DeltaFolder(parse_uri(str(tmp_path / "table"))).append_file(path)
    log = (tmp_path / "table" / "_delta_log" / f"{1:020}.json").read_text()
    [added] = [json.loads(line)["add"] for line in log.splitlines() if "add" in json.loads(line)]
    assert json.loads(added["stats"]) == {
        "numRecords": 2,
        "minValues": {"release": "one"},
        "maxValues": {"release": "one"},
        "nullCount": {"release": 0},
    }
    group = pq.read_metadata(path).row_group(0)
    stated = [group.column(n).path_in_schema for n in range(3) if group.column(n).is_stats_set]
    assert stated == ["release"]
