from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.delta.rows import RunRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.run.resume import PreviousAttempt, find_previous_attempt
from jobs.common.storage.location import Location

RUN = RunRow(
    "r1", "deidentify", datetime(2024, 5, 17, tzinfo=timezone.utc), rules_hash="h",
    parameters={"namespace": "a", "pixels": "on", "text": "on"},
)  # fmt: skip
PREVIOUS = PreviousAttempt(2, Counter({"deidentified": 3, "filtered": 1}), 100, 80, True)


def ended(**counts: int) -> RunRow:
    return replace(RUN, counts=counts, bytes_in=10, bytes_out=8)


def test_both_attempts_are_added() -> None:
    run = PREVIOUS.add_to(ended(seen=6, deidentified=2, filtered=0, quarantined=0, skipped=4))
    assert run.counts == {
        "seen": 6, "deidentified": 5, "filtered": 1, "quarantined": 0, "skipped": 0,
    }  # fmt: skip
    assert (run.bytes_in, run.bytes_out) == (110, 88)


def test_work_of_other_runs_stays_skipped() -> None:
    run = PREVIOUS.add_to(ended(seen=7, deidentified=0, filtered=0, quarantined=0, skipped=7))
    assert run.counts is not None and (run.counts["skipped"], run.counts["seen"]) == (3, 7)


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(None, Location("", str(tmp_path)))


def instance(batch: int, **values: Any) -> dict[str, Any]:
    row = dict.fromkeys(table_schema("instances").names)
    return row | {"run_id": "r1", "batch": batch, "reason": "", "source_bytes": 10} | values


def test_a_new_run_has_no_previous_attempt(tables: Tables) -> None:
    assert find_previous_attempt(tables, "instances", RUN, []) is None


def test_committed_rows_are_a_previous_attempt(tables: Tables) -> None:
    rows = [
        instance(0, status="deidentified", output_bytes=8),
        instance(1, status="deidentified", output_bytes=8, reason=SAME_CONTENT),
        instance(1, status="quarantined"),
    ]
    tables.append_records("instances", rows)
    found = find_previous_attempt(tables, "instances", RUN, [RUN])
    assert found == PreviousAttempt(2, Counter({"deidentified": 2, "quarantined": 1}), 30, 8, False)


@pytest.mark.parametrize(
    "other",
    [
        replace(RUN, rules_hash="i"),
        replace(RUN, command="notes"),
        replace(RUN, parameters={"namespace": "b", "pixels": "on", "text": "on"}),
    ],
)
def test_an_id_of_other_work_is_refused(tables: Tables, other: RunRow) -> None:
    with pytest.raises(UsageError, match="other rules, stages or namespace"):
        find_previous_attempt(tables, "instances", RUN, [other])


def test_an_id_of_other_recorded_work_is_refused(tables: Tables) -> None:
    tables.append_rows([replace(RUN, parameters={"namespace": "b"}, counts={"seen": 1})])
    with pytest.raises(UsageError, match="other rules, stages or namespace"):
        find_previous_attempt(tables, "instances", RUN, [])


def test_an_ended_run_without_work_has_a_row(tables: Tables) -> None:
    tables.append_rows([replace(RUN, counts={"seen": 0}, versions={"safelight": "1"})])
    found = find_previous_attempt(tables, "instances", RUN, [])
    assert found == PreviousAttempt(0, Counter(), 0, 0, True)


def test_notes_of_written_files_are_counted_and_bytes_once_per_file(tables: Tables) -> None:
    of_file = {"run_id": "r1", "batch": 2, "source_bytes": 10, "output_bytes": 4}
    written = of_file | {"status": "deidentified", "notes": 5}
    tables.append_records(
        "note_files",
        [
            written | {"piece": 1, "notes_quarantined": 1},
            written | {"piece": 2, "notes_quarantined": 0},
            {"run_id": "r1", "batch": 0, "source_bytes": 7, "piece": 1, "status": "quarantined"},
            written | {"run_id": "other", "piece": 1, "notes_quarantined": 0},
        ],
    )
    found = find_previous_attempt(tables, "note_files", RUN, [])
    assert found == PreviousAttempt(3, Counter(deidentified=9, quarantined=2), 17, 8, False)
