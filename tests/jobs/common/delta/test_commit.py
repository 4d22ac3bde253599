from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.delta.commit import append_all, select_table, select_unknown
from jobs.common.delta.rows import NoteFileRow, NoteRow, SourceRow
from jobs.common.delta.schemas import combined_schema, table_schema
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import Location

NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    return Tables(spark, Location("", str(tmp_path)))


def frame_of(tables: Tables, table: str, *records: dict[str, Any]) -> Any:
    rows = [dict.fromkeys(table_schema(table).names) | record for record in records]
    return tables.spark.createDataFrame(rows, spark_schema(table_schema(table)))


def test_each_table_gets_its_rows_of_the_combined_output(tables: Tables) -> None:
    schema = combined_schema([NoteRow, NoteFileRow])
    rows = [{"notes": {"note_id": "n"}, "note_files": None}, {"notes": None, "note_files": {}}]
    filled = pa.Table.from_pylist(rows, schema).to_pylist()
    combined = tables.spark.createDataFrame(filled, spark_schema(schema))
    assert [row.note_id for row in select_table(combined, "notes").collect()] == ["n"]
    assert select_table(combined, "note_files").count() == 1


def test_known_and_repeated_rows_are_left_out(tables: Tables) -> None:
    tables.append_rows([SourceRow("r0", 0, "known", "/a", 1, "v", "default", "k")])
    rows = [{"source_id": key} for key in ("known", "new", "new")]
    unknown = select_unknown(tables, "sources", frame_of(tables, "sources", *rows))
    assert [row.source_id for row in unknown.collect()] == ["new"]
    assert unknown.columns == table_schema("sources").names


@pytest.mark.parametrize("in_driver", [True, False])
def test_all_tables_are_appended_to_with_the_last_one_last(tables: Tables, in_driver: bool) -> None:
    frames = {
        table: frame_of(tables, table, {"run_id": "r1", "batch": 0, "processed_at": NOW})
        for table in ("note_files", "notes")
    }
    append_all(tables, frames, "note_files", in_driver)
    for table in frames:
        (row,) = tables.read(table).collect()
        assert row.processed_at.timestamp() == NOW.timestamp()
    commits = {
        table: max(p.stat().st_mtime_ns for p in Path(tables.path(table), "_delta_log").iterdir())
        for table in frames
    }
    assert commits["notes"] <= commits["note_files"]
