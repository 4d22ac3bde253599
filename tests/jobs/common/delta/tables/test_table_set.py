from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from jobs.common.cli.errors import JobError
from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.delta.data_files import DataFile, data_file_name, write_data_file
from jobs.common.delta.rows import AnnotationRow, RunRow, StoredSpan
from jobs.common.delta.schemas import ROW_TYPES, table_schema
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location, parse_uri

NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    return Tables(spark, Location("", str(tmp_path)))


def run_row(run_id: str, **more: Any) -> RunRow:
    return RunRow(run_id, "notes", NOW, **more)


def write_file(tables: Tables, table: str, batch: int, **columns: Any) -> DataFile:
    """Write a data file with one row, as a task does."""
    record = dict.fromkeys(table_schema(table).names) | {"batch": batch} | columns
    rows = pa.Table.from_pylist([record], table_schema(table))
    folder = parse_uri(tables.path(table))
    return write_data_file(folder, table, rows, data_file_name("r", batch, 0))


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


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_committed_files_need_no_feature_of_newer_clients(tables: Tables, table: str) -> None:
    tables.commit_files(table, [write_file(tables, table, n) for n in range(2)], ("r", 0))
    delta = DeltaTable(tables.path(table))
    protocol = delta.protocol()
    assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)
    found = delta.to_pyarrow_table()
    assert found.schema.names == table_schema(table).names and found.num_rows == 2
    assert tables.row_count(table) == 2


def test_spark_reads_the_values_of_committed_files(tables: Tables) -> None:
    values = {"counts": {"seen": 1}, "started_at": NOW, "run_id": "r"}
    tables.commit_files("runs", [write_file(tables, "runs", 0, **values)], ("r", 0))
    (run,) = tables.read("runs").collect()
    assert (run.counts, run.started_at.astimezone(timezone.utc)) == ({"seen": 1}, NOW)
    spans = [{"begin": 1, "end": 2, "entity": "NAME"}]
    file = write_file(tables, "annotations", 0, spans=spans, text_hmac="h")
    tables.commit_files("annotations", [file], ("r", 0))
    (annotation,) = tables.read("annotations").collect()
    assert (annotation.spans[0].end, annotation.spans[0].entity) == (2, "NAME")
    file = write_file(tables, "mapping", 0, original_encrypted=b"\0x")
    tables.commit_files("mapping", [file], ("r", 0))
    assert tables.read("mapping").first().original_encrypted == b"\0x"


def test_bounds_in_the_log_skip_files_and_no_rows(spark: Any, tables: Tables) -> None:
    for n in range(3):
        file = write_file(tables, "instances", n, run_id=f"r{n}", processed_at=NOW)
        tables.commit_files("instances", [file], ("r", n))
    condition = "run_id = 'r1' AND processed_at <= '2024-05-17T09:30:00Z'"
    frame = spark.read.format("delta").load(tables.path("instances")).where(condition)
    assert [row.batch for row in frame.collect()] == [1] and len(frame.inputFiles()) == 1
    found = tables.rows("instances", ["batch"], ds.field("processed_at") == NOW)
    assert sorted(row["batch"] for row in found) == [0, 1, 2]


def test_a_repeated_commit_adds_nothing(tables: Tables) -> None:
    tables.commit_files("audit", [write_file(tables, "audit", 0)], ("r", 0))
    tables.commit_files("audit", [write_file(tables, "audit", 0)], ("r", 0))
    assert tables.row_count("audit") == 1
    for batch in (("r", 1), ("other", 1)):
        tables.commit_files("audit", [write_file(tables, "audit", 1)], batch)
    assert tables.row_count("audit") == 3


def test_a_batch_of_a_resumed_run_is_committed(spark: Any, tables: Tables, tmp_path: Path) -> None:
    for of_attempt in (tables, Tables(spark, Location("", str(tmp_path)))):
        of_attempt.commit_files("audit", [write_file(tables, "audit", 0)], ("r", 0))
    assert tables.row_count("audit") == 2


def test_a_commit_whose_answer_was_lost_has_succeeded(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = DeltaTable.create_write_transaction

    def lose_answer(*arguments: Any, **options: Any) -> None:
        commit(*arguments, **options)
        raise CommitFailedError("the connection was closed")

    monkeypatch.setattr(DeltaTable, "create_write_transaction", lose_answer)
    tables.commit_files("audit", [write_file(tables, "audit", 0)], ("r", 0))
    assert tables.row_count("audit") == 1


def test_no_files_make_no_commit(tables: Tables) -> None:
    tables.commit_files("audit", [], ("r", 0))
    assert not tables.exists("audit") and tables.row_count("audit") == 0


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_files_are_committed_to_a_table_of_a_previous_version(tables: Tables, table: str) -> None:
    column = table_schema(table).names[-1]
    write_earlier_version(tables, table, table, without=column)
    tables.commit_files(table, [write_file(tables, table, 0)], ("r", 0))
    found = DeltaTable(tables.path(table)).to_pyarrow_table()
    assert found.schema.names == table_schema(table).names and found.num_rows == 2
    assert tables.read(table).count() == 2


def test_files_are_committed_to_a_table_of_a_later_version(tables: Tables) -> None:
    later = table_schema("audit").append(pa.field("more", pa.string()))
    folder = DeltaFolder(Location("", tables.path("audit")))
    folder.append(pa.Table.from_pylist([{"more": "x"}], later))
    tables.commit_files("audit", [write_file(tables, "audit", 0)], ("r", 0))
    assert {row.more for row in tables.read("audit").collect()} == {"x", None}


def test_files_are_committed_to_a_table_that_spark_partitioned(
    spark: Any, tables: Tables, tmp_path: Path
) -> None:
    empty = spark.createDataFrame([], spark_schema(table_schema("audit")))
    empty.write.format("delta").partitionBy("run_id").save(str(tmp_path / "audit"))
    for _ in range(2):
        file = write_file(tables, "audit", 4, run_id="r")
        tables.commit_files("audit", [file], ("r", 0))
    assert [(row.run_id, row.batch) for row in tables.read("audit").collect()] == [("r", 4)]


def test_known_keys_are_those_of_the_table(tables: Tables) -> None:
    assert not tables.known_keys("mapping").contains(bytes(16)).any()
    first, other = (
        write_file(
            tables,
            "mapping",
            0,
            namespace="n",
            kind=kind,
            original_hmac="h",
            key_id="k",
            pseudonym="p",
            patient_pseudonym="q",
        )
        for kind in ("uid", "name")
    )
    tables.commit_files("mapping", [first], ("r", 0))
    assert first.keys is not None and other.keys is not None
    known = tables.known_keys("mapping")
    assert known.contains(first.keys + other.keys).tolist() == [True, False]


@pytest.mark.parametrize("bucket", ["s3_server", "strict_s3_server"], indirect=True)
def test_files_on_s3_are_committed_and_found(bucket: str) -> None:
    tables = Tables(None, Location(bucket, "tables"))
    for n in range(2):
        file = write_file(tables, "sources", n, source_id=f"s{n}")
        tables.commit_files("sources", [file], ("r", n))
    assert tables.row_count("sources") == 2
    assert file.keys is not None and tables.known_keys("sources").contains(file.keys).all()


def test_the_rows_of_a_key_are_updated_without_spark(tmp_path: Path) -> None:
    tables = Tables(None, Location("", str(tmp_path)))
    tables.append_rows([run_row(r, parameters={"text": "on"}) for r in ("r1", "r2")])
    values = {"outcome": "done", "ended_at": NOW, "counts": {"seen": 2}, "bytes_in": None}
    tables.update("runs", {"run_id": "r1"}, values)
    runs = {row["run_id"]: row for row in tables.rows("runs", table_schema("runs").names)}
    assert runs["r2"]["outcome"] is None
    assert (runs["r1"]["outcome"], runs["r1"]["ended_at"]) == ("done", NOW)
    assert dict(runs["r1"]["counts"]) == {"seen": 2}
    assert dict(runs["r1"]["parameters"]) == {"text": "on"}


def test_rows_of_a_table_without_a_column_have_null_there(tables: Tables) -> None:
    write_earlier_version(tables, "instances", "instances", without="stages")
    (row,) = tables.rows("instances", ["run_id", "stages"])
    assert row == {"run_id": "old", "stages": None}
    assert list(tables.rows("instances", ["run_id"], ds.field("stages") == "x")) == []


def test_tables_without_a_session_refuse_what_needs_one(tmp_path: Path) -> None:
    tables = Tables(None, Location("", str(tmp_path)))
    assert not tables.has_session
    with pytest.raises(AssertionError, match="without a Spark session"):
        tables.read("runs")
