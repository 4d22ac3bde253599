from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobs.common.access_log.entries import find_defects
from jobs.common.access_log.log import (
    log_location,
    open_log,
    read_entries,
    read_entries_by_file,
)
from jobs.common.cli.errors import JobError
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location
from tests.jobs.common.access_log.test_entries import KEYS, NAMES, make_row


def append_entries(restricted: Location, *reasons: str) -> None:
    for reason in reasons:
        with open_log(restricted, None) as append:
            append(NAMES, make_row(reason))


def test_entries_are_numbered_and_chained_across_processes(tmp_path: Path) -> None:
    restricted = Location("", str(tmp_path))
    append_entries(restricted, "one", "two", "three")
    rows = read_entries(restricted)
    assert sorted((row.entry, row.reason) for row in rows) == [(1, "one"), (2, "two"), (3, "three")]
    assert find_defects(rows, KEYS, {}) == []


def test_entries_are_chained_on_s3(bucket: str) -> None:
    restricted = Location(bucket, "restricted")
    append_entries(restricted, "one", "two")
    assert find_defects(read_entries(restricted), KEYS, {}) == []
    assert len(read_entries(restricted)) == 2


def test_a_missing_log_has_no_entries(tmp_path: Path) -> None:
    assert read_entries(Location("", str(tmp_path))) == []


def test_a_damaged_file_stops_a_look_up_and_leaves_the_other_entries_to_the_audit(
    tmp_path: Path,
) -> None:
    restricted = Location("", str(tmp_path))
    append_entries(restricted, "one", "two")
    file = min((tmp_path / "access_log").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(JobError, match="run `safelight audit verify`"):
        append_entries(restricted, "three")
    files = {one.name: one.rows for one in read_entries_by_file(restricted)}
    assert files.pop(file.name) is None
    assert [len(rows or ()) for rows in files.values()] == [1]


def test_two_processes_do_not_append_at_one_time(tmp_path: Path) -> None:
    restricted = Location("", str(tmp_path))
    with (
        open_log(restricted, None),
        pytest.raises(JobError, match="another"),
        open_log(restricted, None, wait_seconds=0),
    ):
        pass


def test_a_process_waits_until_another_one_has_appended(tmp_path: Path) -> None:
    restricted = Location("", str(tmp_path))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda reason: append_entries(restricted, reason), "abcd"))
    rows = sorted(read_entries(restricted), key=lambda row: row.entry)
    assert [row.entry for row in rows] == [1, 2, 3, 4]
    assert {row.reason for row in rows} == set("abcd")


def test_delta_deletes_no_entry(tmp_path: Path) -> None:
    restricted = Location("", str(tmp_path))
    append_entries(restricted, "one", "two")
    with pytest.raises(JobError):
        DeltaFolder(log_location(restricted)).delete_rows("entry = 1")
    assert len(read_entries(restricted)) == 2
