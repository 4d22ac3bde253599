from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from jobs.common.delta.data_files import data_file_name, write_data_file
from jobs.common.delta.rows import AuditRow, InstanceRow, RunRow
from jobs.common.delta.run_journal import FOLDER, RunJournal, has_run, recover
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location

RUN = RunRow(
    "r1", "deidentify", datetime(2024, 5, 17, tzinfo=timezone.utc), parameters={"text": "on"},
    rules_hash="h", versions={"safelight": "0"},
)  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> RunJournal:
    return RunJournal(Location("", str(tmp_path)))


def test_an_unfinished_run_is_returned_as_it_began(journal: RunJournal) -> None:
    journal.begin(RUN)
    assert journal.unfinished() == [RUN]


def test_an_ended_run_is_not_unfinished(journal: RunJournal) -> None:
    journal.begin(RUN)
    journal.end(RUN.run_id)
    assert journal.unfinished() == []


def test_a_file_of_an_earlier_version_is_read(journal: RunJournal, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "r1.json").write_text(
        '{"run_id": "r1", "command": "deidentify", "started_at": "2024-05-17T00:00:00+00:00", '
        '"parameters": {"text": "on"}, "rules_hash": "h", "versions": {"safelight": "0"}}'
    )
    assert journal.unfinished() == [RUN]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(None, Location("", str(tmp_path)))


def append(tables: Tables, row_type: type, batch: int) -> None:
    table = row_type.table
    tables.append_records(table, [record(table, "run_id", "r1", batch)])


def record(table: str, column: str, run_id: str, batch: int) -> dict[str, Any]:
    return dict.fromkeys(table_schema(table).names) | {column: run_id, "batch": batch}


def read(tables: Tables, table: str, column: str) -> list[Any]:
    return [row[column] for row in tables.rows(table, [column])]


def test_recovery_removes_rows_of_batches_that_do_not_count(
    journal: RunJournal, tables: Tables
) -> None:
    journal.begin(RUN)
    append(tables, AuditRow, 0)
    append(tables, InstanceRow, 0)
    append(tables, AuditRow, 1)
    assert recover(tables, journal, "r2") == 1
    assert read(tables, "audit", "batch") == [0]
    assert has_run(tables, "r1") and not has_run(tables, "r2")
    assert read(tables, "runs", "outcome") == ["interrupted"]
    assert journal.unfinished() == []


def test_recovery_leaves_rows_of_other_runs_and_committed_batches(
    journal: RunJournal, tables: Tables
) -> None:
    journal.begin(RUN)
    for batch in (0, 1, 3):
        append(tables, InstanceRow, batch)
    rows = [record("mapping", "first_run_id", r, b) for r in ("r1", "r'2") for b in range(6)]
    tables.append_records("mapping", rows)  # rows of all batches in one file
    recover(tables, journal, "r2")
    found = list(tables.rows("mapping", ["first_run_id", "batch"]))
    of_run = sorted(row["batch"] for row in found if row["first_run_id"] == "r1")
    assert of_run == [0, 1, 3] and len(found) == 9


def test_recovery_deletes_files_that_no_commit_refers_to(
    journal: RunJournal, tables: Tables, tmp_path: Path
) -> None:
    journal.begin(RUN)
    append(tables, InstanceRow, 0)
    for table in ("audit", "instances"):
        folder, rows = Location("", str(tmp_path / table)), table_schema(table).empty_table()
        for run_id, batch in (("r1", 0), ("r1", 1), ("r1-000001", 1)):
            write_data_file(folder, table, rows, data_file_name(run_id, batch, 0))
    recover(tables, journal, "r2")
    for table in ("audit", "instances"):
        names = {path.name[:9] for path in (tmp_path / table).glob("r1-*.parquet")}
        assert names == {"r1-000000", "r1-000001"}
        assert len(list((tmp_path / table).glob("r1-000001-0000*"))) == 1


def test_deleted_rows_leave_no_statistics(journal: RunJournal, tables: Tables) -> None:
    journal.begin(RUN)
    append(tables, InstanceRow, 0)
    rows = [record("sources", "first_run_id", "r1", b) | {"source_uri": "JANE"} for b in (0, 1)]
    tables.append_records("sources", rows)
    recover(tables, journal, "r2")
    (file,) = DeltaTable(tables.path("sources")).file_uris()
    columns = pq.read_metadata(file.removeprefix("file://")).row_group(0).to_dict()["columns"]
    assert not any(column["is_stats_set"] for column in columns)
    log = Path(tables.path("sources"), "_delta_log").glob("*.json")
    assert "JANE" not in "".join(file.read_text() for file in log)


def test_recovery_leaves_a_resumed_run_unfinished(journal: RunJournal, tables: Tables) -> None:
    journal.begin(RUN)
    assert recover(tables, journal, "r1") == 1
    assert journal.unfinished() == [RUN]
