from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from jobs.common.cli.errors import JobError
from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.delta.rows import AnnotationRow, RunRow, StoredSpan
from jobs.common.delta.schemas import ROW_TYPES, table_schema
from jobs.common.delta.table import DeltaFolder
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import Location

NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    return Tables(spark, Location("", str(tmp_path)))


def run_row(run_id: str, **more: Any) -> RunRow:
    return RunRow(run_id, "notes", NOW, **more)


def write_earlier_version(tables: Tables, table: str, name: str, without: str = "") -> None:
    """Write one row of a table as a previous version of the software did."""
    row: dict[str, Any] = dict.fromkeys(table_schema(table).names)
    schema = table_schema(table)
    if without:
        schema = schema.remove(schema.get_field_index(without))
        row.pop(without)
    if schema.types[0] == pa.string():
        row[schema.names[0]] = "old"
    DeltaFolder(Location("", tables.path(name))).append(pa.Table.from_pylist([row], schema))


def test_a_table_that_spark_partitioned_is_appended_to(
    spark: Any, tables: Tables, tmp_path: Path
) -> None:
    empty = spark.createDataFrame([], spark_schema(table_schema("runs")))
    empty.write.format("delta").partitionBy("command").save(str(tmp_path / "runs"))
    tables.evolve(["runs"])
    tables.append_rows([run_row("r")])
    assert [(row.run_id, row.command) for row in tables.read("runs").collect()] == [("r", "notes")]


def test_readers_find_a_checkpoint_after_many_commits(tables: Tables, tmp_path: Path) -> None:
    for n in range(32):
        tables.append_rows([run_row(f"r{n}", counts={"seen": n})])
    assert list((tmp_path / "runs" / "_delta_log").glob("*.checkpoint.parquet"))
    assert tables.read("runs").count() == 32
    assert tables.read("runs").where("run_id = 'r7'").first().counts == {"seen": 7}


def test_tables_need_no_feature_of_newer_delta_clients(tables: Tables, tmp_path: Path) -> None:
    for name in ROW_TYPES:
        tables.append_records(name, [{}])
        table = DeltaTable(str(tmp_path / name))
        protocol = table.protocol()
        assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)
        assert [field.name for field in table.schema().fields] == table_schema(name).names
        assert table.to_pyarrow_table().num_rows == 1


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_each_table_of_a_previous_version_gets_its_new_column(tables: Tables, table: str) -> None:
    column = table_schema(table).names[-1]
    write_earlier_version(tables, table, table, without=column)
    tables.evolve([table])
    tables.append_records(table, [{}])
    found = DeltaTable(tables.path(table)).to_pyarrow_table()
    assert found.schema.names == table_schema(table).names and found.num_rows == 2


def test_spark_appends_to_a_table_of_a_previous_version(spark: Any, tables: Tables) -> None:
    write_earlier_version(tables, "notes", "notes", without="processed_at")
    row = dict.fromkeys(table_schema("notes").names) | {"run_id": "new"}
    frame = spark.createDataFrame([row], spark_schema(table_schema("notes")))
    tables.append_frame("notes", frame)
    assert sorted(r.run_id for r in tables.read("notes").collect()) == ["new", "old"]


def test_a_reader_sees_null_in_a_column_that_a_table_lacks(tables: Tables) -> None:
    write_earlier_version(tables, "instances", "instances", without="stages")
    (row,) = tables.read("instances").collect()
    assert row.stages is None and list(row.asDict()) == table_schema("instances").names


def test_a_table_with_a_column_of_another_type_is_refused(tables: Tables) -> None:
    schema = pa.schema([("run_id", pa.int64())])
    folder = DeltaFolder(Location("", tables.path("runs")))
    folder.append(pa.Table.from_pylist([{"run_id": 1}], schema))
    with pytest.raises(JobError, match="column run_id of the table runs has another type"):
        tables.evolve(["runs"])


def test_annotations_of_the_earlier_table_are_read_on(tables: Tables) -> None:
    assert not tables.exists("annotations")
    write_earlier_version(tables, "annotations", "decisions")
    assert tables.exists("annotations")
    span = StoredSpan(0, 3, "NAME", "ner", 0.5, None)
    tables.append_rows([AnnotationRow("new", "v1", "k", [span])])
    assert sorted(row.text_hmac for row in tables.read("annotations").collect()) == ["new", "old"]
    earlier = DeltaTable(tables.path("decisions"))
    assert earlier.version() == 0
