from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from jobs.common.delta import data_files
from jobs.common.delta.data_files import DataFile
from jobs.common.delta.key_digests import digest_keys
from jobs.common.delta.schemas import ROW_TYPES, table_schema
from jobs.common.delta.statistics import STATISTICS_COLUMNS
from jobs.common.storage.location import Location


@pytest.fixture(params=["local", "s3"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    if request.param == "local":
        return Location("", str(tmp_path / "table"))
    return Location(request.getfixturevalue("bucket"), "tables/table")


def make_rows(table: str, **columns: list[Any]) -> pa.Table:
    schema = table_schema(table)
    nulls = [None] * max(map(len, columns.values()), default=1)
    return pa.table([pa.array(columns.get(f.name, nulls), f.type) for f in schema], schema=schema)


def test_a_written_file_has_the_rows_in_the_order_of_the_table(folder: Location) -> None:
    rows = make_rows("audit", run_id=["r", "r"], batch=[0, 0], detail=["x", None])
    shuffled = rows.select(rows.column_names[::-1]).append_column("more", pa.array([1, 2]))
    file = data_files.write_data_file(folder, "audit", shuffled, "a.parquet")
    assert (file.table, file.path, file.rows, file.keys) == ("audit", "a.parquet", 2, None)
    assert list(data_files.read_data_files(folder, [file])) == [rows]


def test_the_file_of_a_restricted_table_comes_with_its_keys(folder: Location) -> None:
    rows = make_rows("sources", source_id=["a", "b"])
    file = data_files.write_data_file(folder, "sources", rows, "a.parquet")
    assert file.keys == digest_keys(rows, ["source_id"])


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_no_value_is_in_the_statistics_of_a_file(table: str, tmp_path: Path) -> None:
    schema = table_schema(table)
    texts = {
        field.name: ["SECRET"]
        for field in schema
        if field.type == pa.string() and field.name not in STATISTICS_COLUMNS
    }
    rows = make_rows(table, **texts)
    file = data_files.write_data_file(Location("", str(tmp_path)), table, rows, "a.parquet")
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    columns = [metadata.row_group(0).column(n) for n in range(metadata.num_columns)]
    stated = {c.path_in_schema for c in columns if c.is_stats_set}
    assert stated == set(schema.names) & STATISTICS_COLUMNS
    assert "SECRET" not in file.stats and "SECRET" not in repr(metadata.metadata)
    assert file.size == (tmp_path / "a.parquet").stat().st_size


def test_files_are_rewritten_as_one(folder: Location) -> None:
    files = [
        data_files.write_data_file(
            folder, "audit", make_rows("audit", source_id=ids), f"{n}.parquet"
        )
        for n, ids in enumerate((["a", "b"], ["b"], ["c"]))
    ]

    def edit(rows: pa.Table) -> pa.Table:
        return rows.filter(pc.not_equal(rows["source_id"], "b"))

    file = data_files.rewrite_data_files(folder, files, edit, "new.parquet")
    assert file is not None and file.rows == 2
    (rows,) = data_files.read_data_files(folder, [file])
    assert rows["source_id"].to_pylist() == ["a", "c"]
    assert data_files.rewrite_data_files(folder, files[1:2], edit, "none.parquet") is None


def test_deleted_files_are_gone_and_missing_ones_are_ignored(folder: Location) -> None:
    file = data_files.write_data_file(folder, "audit", make_rows("audit", batch=[1]), "a.parquet")
    missing = DataFile("audit", "missing.parquet", 1, 1, "{}", None)
    data_files.delete_data_files(folder, [file, missing])
    with pytest.raises(Exception, match="NoSuchKey|No such file"):
        list(data_files.read_data_files(folder, [file]))


def names() -> Iterator[tuple[str, str, Optional[int]]]:
    other = data_files.data_file_name("a", 7, 1)
    yield "a", other, 7
    yield "a.b", data_files.data_file_name("a.b", 1234567, 1), 1234567
    yield "a", data_files.data_file_name("a-000000-000001", 0, 1), None
    yield "a", data_files.data_file_name("a.b", 7, 1), None
    yield "a.b", data_files.data_file_name("axb", 7, 1), None
    yield "a", f"part-{other}", None


@pytest.mark.parametrize(("run_id", "name", "batch"), names())
def test_the_batch_of_a_file_is_known_by_its_name(
    run_id: str, name: str, batch: Optional[int]
) -> None:
    assert data_files.parse_batch(run_id, name) == batch


def test_files_are_listed_by_prefix(folder: Location) -> None:
    odd = folder.child("a[1]*")
    assert data_files.list_names(odd, "r-") == []
    for name in ("r-1.parquet", "r-2.parquet", "s-1.parquet"):
        data_files.write_data_file(odd, "audit", make_rows("audit", batch=[1]), name)
    assert sorted(data_files.list_names(odd, "r-")) == ["r-1.parquet", "r-2.parquet"]
