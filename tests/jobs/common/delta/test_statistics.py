from __future__ import annotations

import json
from datetime import datetime, timezone

import pyarrow as pa

from jobs.common.delta.rows import MappingRow, SourceRow
from jobs.common.delta.schemas import ROW_TYPES, table_schema
from jobs.common.delta.statistics import STATISTICS_COLUMNS, describe_rows


def test_only_allowed_columns_have_bounds() -> None:
    now = datetime(2024, 5, 17, 9, 30, 1, 5, tzinfo=timezone.utc)
    rows = pa.table(
        {
            "run_id": ["b", "a"],
            "source_uri": ["Jane", "Doe"],
            "status": pa.array([None, None], pa.string()),
            "processed_at": pa.array([now, None], pa.timestamp("us", "UTC")),
        }
    )
    assert json.loads(describe_rows(rows)) == {
        "numRecords": 2,
        "minValues": {"run_id": "a", "processed_at": "2024-05-17T09:30:01.000005Z"},
        "maxValues": {"run_id": "b", "processed_at": "2024-05-17T09:30:01.000005Z"},
        "nullCount": {"run_id": 0, "status": 2, "processed_at": 1},
    }


def test_no_column_with_originals_or_locations_is_allowed() -> None:
    of_restricted = {*table_schema(SourceRow.table).names, *table_schema(MappingRow.table).names}
    allowed = of_restricted & STATISTICS_COLUMNS
    assert allowed == {"first_run_id", "batch", "namespace", "key_id", "kind"}
    assert not {"output_uri", "output_root", "reason", "detail", "note_id"} & STATISTICS_COLUMNS


def test_each_allowed_column_exists() -> None:
    names = {name for table in ROW_TYPES for name in table_schema(table).names}
    assert names >= STATISTICS_COLUMNS
