from __future__ import annotations

import errno
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.common.cli.errors import JobError
from jobs.common.delta.arrow_rows import encode_rows
from jobs.common.delta.damaged_files import _parse_rows, read_each_file
from jobs.common.delta.data_files import encode_parquet
from jobs.common.delta.rows import ImageSetDeletionRow, SourceRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.local_files import LocalFiles
from jobs.common.storage.location import Location
from jobs.common.storage.objects import delete_object

ROWS = [SourceRow("r", 1, f"id{n}", f"/in/{n}", 9, "v", "default", "k") for n in range(3)]
CONTENT = encode_parquet(pa.Table.from_batches([encode_rows(SourceRow, ROWS)]))


def write_table(root: Location) -> Location:
    """Write a table of three files."""
    tables = Tables(None, root)
    for row in ROWS:
        tables.append_rows([row])
    return tables.location("sources")


def test_a_table_that_does_not_exist_has_no_files(tmp_path: Path) -> None:
    assert list(read_each_file(Location("", str(tmp_path / "sources")), SourceRow)) == []


def test_the_rows_of_all_files_are_read(tmp_path: Path) -> None:
    files = list(read_each_file(write_table(Location("", str(tmp_path))), SourceRow))
    assert len(files) == 3
    rows = [row for file in files for row in file.rows or ()]
    assert sorted(rows, key=lambda row: row.source_id) == ROWS


def test_a_missing_object_on_s3_has_no_rows(bucket: str) -> None:
    folder = write_table(Location(bucket, "tables"))
    name = next(read_each_file(folder, SourceRow)).name
    delete_object(folder.child(name).uri)
    rows = {file.name: file.rows for file in read_each_file(folder, SourceRow)}
    assert rows.pop(name) is None
    assert None not in rows.values() and len(rows) == 2


def test_a_damaged_commit_ends_with_what_to_do(tmp_path: Path) -> None:
    folder = write_table(Location("", str(tmp_path)))
    commit = tmp_path / "sources/_delta_log/00000000000000000001.json"
    commit.write_bytes(commit.read_bytes()[:40])
    with pytest.raises(JobError, match="sources cannot be read .* restore it from a backup"):
        list(read_each_file(folder, SourceRow))


def test_a_file_that_cannot_be_fetched_is_not_reported_as_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_table(Location("", str(tmp_path)))

    def refuse(*_: object) -> bytes:
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(LocalFiles, "read", refuse)
    with pytest.raises(JobError, match=r"table sources cannot be read \(PermissionError\)"):
        list(read_each_file(folder, SourceRow))


def test_columns_that_a_file_lacks_are_null_and_those_of_other_types_damage_it() -> None:
    rows = _parse_rows(CONTENT, SourceRow)
    assert rows == ROWS
    of_others = _parse_rows(CONTENT, ImageSetDeletionRow)
    assert of_others is not None and of_others[0].image_set_id is None
    table = pa.table({"source_bytes": ["not a number"]})
    assert _parse_rows(encode_parquet(table), SourceRow) is None


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, len(CONTENT) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_no_damage_raises(position: int, replacement: bytes, cut: bool) -> None:
    end = b"" if cut else CONTENT[position + len(replacement) :]
    _parse_rows(CONTENT[:position] + replacement + end, SourceRow)
