from __future__ import annotations

from pathlib import Path

import pytest

from jobs.cli import main
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tables = Tables(None, Location("", str(tmp_path / "t")), Location("", str(tmp_path / "m")))
    for n in range(3):
        tables.append_records("audit", [{"batch": n}])
        tables.append_records("sources", [{"batch": n}])
    return tmp_path


def run(root: Path, command: str, *more: str) -> int:
    return main(["tables", command, "--tables", str(root / "t"), *more])


def test_status_has_one_line_per_table(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "status", "--mapping", str(root / "m")) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["table", "rows", "files", "small", "bytes", "version", "reader", "writer"]
    assert [line[:4] for line in lines[1:]] == [
        ["sources", "3", "3", "3"],
        ["audit", "3", "3", "3"],
    ]


def test_optimize_compacts_each_table(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "optimize", "--mapping", str(root / "m")) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [["sources", "1", "3", "0"], ["audit", "1", "3", "0"]]


def test_optimize_waits_for_no_other_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with hold_lease(Location("", str(root / "t"))):
        assert run(root, "optimize") == 1
    assert "another run is writing these tables" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5"])
def test_a_wrong_retention_time_is_refused(root: Path, days: str) -> None:
    with pytest.raises(SystemExit) as stop:
        run(root, "optimize", "--retain-days", days)
    assert stop.value.code == 2


def test_a_folder_without_tables_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "status") == 2
    assert "has no table" in capsys.readouterr().err
