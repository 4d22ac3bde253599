from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from jobs.cli import main
from jobs.common.delta.rows import RunRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    Tables(None, parse_uri(str(tmp_path))).append_rows(
        [
            RunRow(one, "deidentify", datetime(2026, 1, 1, tzinfo=timezone.utc))
            for one in ("a1", "b2")
        ]
    )
    return ["report", "--tables", str(tmp_path), "--output", str(tmp_path / "report.html")]


def test_a_report_of_one_run_names_no_other(arguments: list[str], tmp_path: Path) -> None:
    assert main([*arguments, "--run-id", "a1"]) == 0
    page = (tmp_path / "report.html").read_text()
    assert "<td>a1</td>" in page and "<td>b2</td>" not in page


def test_a_report_of_an_unknown_run_is_refused(
    arguments: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--run-id", "c3"]) == 2
    assert "run c3 does not exist" in capfd.readouterr().err
    assert not (tmp_path / "report.html").exists()
