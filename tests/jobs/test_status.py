from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from tests.jobs.common.report.make_outcomes import write_tables


@pytest.fixture
def tables(tmp_path: Path) -> str:
    write_tables(tmp_path / "tables", tmp_path / "restricted")
    return str(tmp_path / "tables")


def run(*argv: str) -> int:
    return main(["status", *argv])


def test_the_list_ends_with_the_counts(tables: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--tables", tables, "--mapping", f"{tables}/../restricted") == 0
    out, err = capsys.readouterr()
    *lines, last = out.splitlines()
    assert len(lines) == 8 and "/in/3-doe.dcm" in out and err == ""
    assert json.loads(last) == {
        "listed": 8,
        "deidentified": 5,
        "filtered": 0,
        "quarantined": 3,
        "reasons": {"malformed_row": 2, "truncated": 1},
    }


def test_without_the_restricted_tables_no_uri_is_listed(
    tables: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--tables", tables) == 0
    out, err = capsys.readouterr()
    assert "/in/" not in out + err
    assert "give its folder by --mapping" in err


def test_a_csv_file_has_all_columns_and_only_its_owner_reads_it(
    tables: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    assert run("--tables", tables, "--status", "quarantined", "--csv", str(file)) == 0
    (last,) = capsys.readouterr().out.splitlines()
    assert json.loads(last)["listed"] == 3
    with open(file, newline="") as opened:
        rows: list[dict[str, Any]] = list(csv.DictReader(opened))
    assert [(row["source_id"], row["reason"]) for row in rows] == [
        ("c", "because of truncated"),
        ("n", ""),
        ("n", ""),
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--reason", "trunkated"], "give one of not_dicom"),
        (["--run-id", "r7"], "run r7 does not exist"),
        (["--mapping", "/nowhere"], "has no table `sources`"),
        (["--csv", "/nowhere/list.csv"], "give another file"),
    ],
)
def test_wrong_arguments_are_refused(
    tables: str, capsys: pytest.CaptureFixture[str], argv: list[str], sentence: str
) -> None:
    assert run("--tables", tables, *argv) == 2
    assert sentence in capsys.readouterr().err


def test_a_run_without_outcomes_has_an_empty_list(
    tables: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--tables", tables, "--run-id", "r3") == 0
    assert json.loads(capsys.readouterr().out)["listed"] == 0
