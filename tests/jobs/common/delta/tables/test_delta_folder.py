"""Rows of a table are changed without Spark."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location


@pytest.mark.parametrize("change", ["delete", "update"])
def test_rows_of_a_changed_table_are_found_by_a_column_with_statistics(
    tmp_path: Path, change: str
) -> None:
    folder = DeltaFolder(Location("", str(tmp_path)))
    columns = {"run_id": ["a", "a"], "status": ["x", "x"], "source_id": ["1", "2"]}
    folder.append(pa.table(columns))
    if change == "delete":
        assert folder.delete_rows("source_id = '2'") == 1
    else:
        folder.update("source_id = '2'", {"status": "'y'"})
    folder = DeltaFolder(Location("", str(tmp_path)))
    found = folder.rows(["source_id"], (ds.field("run_id") == "a") & (ds.field("status") == "x"))
    assert [row["source_id"] for row in found] == ["1"]
