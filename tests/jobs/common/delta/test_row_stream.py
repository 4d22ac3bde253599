from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from jobs.common.delta.row_stream import RowStream
from jobs.common.delta.table import DeltaFolder
from jobs.common.storage.location import parse_uri


def test_rows_are_appended_from_a_file_each_time_that_it_is_read(tmp_path: Path) -> None:
    rows = pa.table({"a": ["1", "2", "3"], "b": pa.array([1, None, 3], pa.int64())})
    pq.write_table(rows, tmp_path / "rows", row_group_size=1)
    stream = RowStream(str(tmp_path / "rows"))
    assert stream.column_names == ["a", "b"]
    folder = DeltaFolder(parse_uri(str(tmp_path / "table")))
    folder.append(stream)
    folder.append(stream)
    table = DeltaTable(str(tmp_path / "table")).to_pyarrow_table()
    assert sorted(table["a"].to_pylist()) == sorted(["1", "2", "3"] * 2)
    assert len(DeltaTable(str(tmp_path / "table")).history()) == 2
