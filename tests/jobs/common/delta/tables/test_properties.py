from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.common.cli.errors import JobError
from jobs.common.delta.schemas import ROW_TYPES, table_schema
from jobs.common.delta.statistics import STATISTICS_COLUMNS
from jobs.common.delta.tables.properties import missing_properties
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location

STATISTICS = "delta.dataSkippingStatsColumns"


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(None, Location("", str(tmp_path)))


def set_protocol(tables: Tables, reader: int, writer: int, *features: str) -> None:
    """Upgrade the protocol of ``audit`` as another client does."""
    log = Path(tables.path("audit"), "_delta_log")
    protocol: dict[str, Any] = {"minReaderVersion": reader, "minWriterVersion": writer}
    if writer == 7:
        protocol["writerFeatures"] = list(features)
    if reader == 3:
        protocol["readerFeatures"] = list(features)
    commit = log / f"{len(list(log.glob('*.json'))):020d}.json"
    commit.write_text(json.dumps({"protocol": protocol}))


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_each_new_table_has_the_properties(tables: Tables, table: str) -> None:
    tables.append_records(table, [{}])
    delta = DeltaTable(tables.path(table))
    assert missing_properties(delta) == {}
    configuration = delta.metadata().configuration
    assert configuration["delta.checkpointInterval"] == "30"
    expected = set(table_schema(table).names) & STATISTICS_COLUMNS
    assert set(configuration[STATISTICS].split(",")) == expected


def test_a_table_of_a_previous_version_gets_the_properties(tables: Tables) -> None:
    path = tables.path("audit")
    properties = {"delta.checkpointInterval": "7", STATISTICS: "run_id,detail"}
    empty = table_schema("audit").empty_table()
    write_deltalake(path, empty, configuration=properties, partition_by=["run_id"])
    tables.evolve(["audit"])
    configuration = DeltaTable(path).metadata().configuration
    assert configuration["delta.checkpointInterval"] == "7"
    assert configuration[STATISTICS] == "batch"
    assert configuration["delta.logRetentionDuration"] == "interval 7 days"
    version = DeltaTable(path).version()
    Tables(None, Location("", str(Path(path).parent))).evolve(["audit"])
    assert DeltaTable(path).version() == version


def test_spark_writes_statistics_of_the_allowed_columns_only(spark: Any, tables: Tables) -> None:
    tables.append_records("sources", [{"source_uri": "SECRET", "first_run_id": "r"}])
    path = tables.path("sources")
    tables_of_spark = Tables(spark, Location("", str(Path(path).parent)))
    tables_of_spark.append_frame("sources", tables_of_spark.read("sources"))
    commits = [file.read_text() for file in Path(path, "_delta_log").glob("*.json")]
    assert len(commits) == 2 and not any("SECRET" in text for text in commits)
    assert all("minValues" in text for text in commits)


@pytest.mark.parametrize(
    ("reader", "writer", "features"),
    [(1, 7, ("appendOnly", "invariants")), (3, 7, ()), (1, 1, ())],
)
def test_a_protocol_with_known_features_is_accepted(
    tables: Tables, reader: int, writer: int, features: tuple[str, ...]
) -> None:
    tables.append_records("audit", [{}])
    set_protocol(tables, reader, writer, *features)
    again = Tables(None, Location("", str(Path(tables.path("audit")).parent)))
    again.append_records("audit", [{}])
    assert again.row_count("audit") == 2


@pytest.mark.parametrize(
    ("reader", "writer", "features"),
    [(9, 9, ()), (1, 9, ()), (2, 5, ()), (3, 7, ("deletionVectors",)), (3, 7, ("later",))],
)
def test_another_protocol_is_refused_before_any_write(
    tables: Tables, reader: int, writer: int, features: tuple[str, ...]
) -> None:
    tables.append_records("audit", [{}])
    set_protocol(tables, reader, writer, *features)
    again = Tables(None, Location("", str(Path(tables.path("audit")).parent)))
    expected = "table audit has a protocol .* install a newer version, or drop the table features"
    for change in (
        lambda: again.evolve(["audit"]),
        lambda: again.append_records("audit", [{}]),
        lambda: again.delete("audit", "batch = 1"),
        lambda: again.update("audit", {"batch": 1}, {"batch": 2}),
    ):
        with pytest.raises(JobError, match=expected):
            change()


@pytest.mark.parametrize(("reader", "features"), [(9, ()), (3, ("deletionVectors",))])
def test_a_table_that_cannot_be_read_is_refused(
    tables: Tables, reader: int, features: tuple[str, ...]
) -> None:
    tables.append_records("audit", [{}])
    set_protocol(tables, reader, 7, *features)
    with pytest.raises(JobError, match="table audit has a protocol"):
        list(tables.rows("audit", ["batch"]))
