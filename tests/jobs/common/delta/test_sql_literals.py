from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.common.delta.sql_literals import sql_literal

TIMES = pa.timestamp("us", "UTC")
VALUES: dict[str, tuple[pa.DataType, Any]] = {
    "text": (pa.string(), "it's"),
    "number": (pa.int64(), 5_000_000_000),
    "small": (pa.int32(), -5),
    "share": (pa.float64(), 0.5),
    "yes": (pa.bool_(), True),
    "time": (TIMES, datetime(2024, 5, 17, 9, 30, 1, 5, tzinfo=timezone.utc)),
    "nothing": (pa.string(), None),
    "counts": (pa.map_(pa.string(), pa.int64()), {"seen": 1, "it's": 2}),
    "versions": (pa.map_(pa.string(), pa.string()), {"a": "b"}),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_literal_sets_a_column_of_its_type(name: str, tmp_path: Path) -> None:
    data_type, value = VALUES[name]
    empty = pa.table({"id": ["it"], name: pa.nulls(1, data_type)})
    write_deltalake(tmp_path, empty)
    table = DeltaTable(tmp_path)
    table.update({name: sql_literal(value)}, predicate=f"id = {sql_literal('it')}")
    found = table.to_pyarrow_table()[name].to_pylist()[0]
    assert (dict(found) if isinstance(value, dict) else found) == value
