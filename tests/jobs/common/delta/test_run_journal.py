from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.rows import AuditRow, InstanceRow, RunRow
from jobs.common.delta.run_journal import FOLDER, RunJournal, has_run, recover
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.table_set import Tables
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


def append(tables: Tables, row_type: type, batch: int) -> None:
    table = row_type.table
    record = dict.fromkeys(table_schema(table).names) | {"run_id": "r1", "batch": batch}
    tables.append_records(table, [record])


def test_recovery_removes_rows_of_batches_that_do_not_count(
    spark: Any, journal: RunJournal, tmp_path: Path
) -> None:
    tables = Tables(spark, Location("", str(tmp_path)))
    journal.begin(RUN)
    append(tables, AuditRow, 0)
    append(tables, InstanceRow, 0)
    append(tables, AuditRow, 1)
    assert recover(tables, journal, "r2") == 1
    assert [row.batch for row in tables.read("audit").collect()] == [0]
    assert has_run(tables, "r1") and not has_run(tables, "r2")
    assert [row.outcome for row in tables.read("runs").collect()] == ["interrupted"]
    assert journal.unfinished() == []


def test_recovery_leaves_a_resumed_run_unfinished(
    spark: Any, journal: RunJournal, tmp_path: Path
) -> None:
    journal.begin(RUN)
    assert recover(Tables(spark, Location("", str(tmp_path))), journal, "r1") == 1
    assert journal.unfinished() == [RUN]
