"""The check and the search of the access log, without Spark."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.cli import main
from jobs.common.access_log.entries import AccessRow, hash_pseudonym
from jobs.common.access_log.log import open_log
from jobs.common.delta.arrow_rows import arrow_schema
from jobs.common.delta.rows import ReidentificationRow
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import Location
from safelight.headers.patient_identity import make_patient_identity
from tests.jobs.common.access_log.test_entries import NAMES, make_row


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Write three entries, each with its row in `reidentifications`."""
    root, restricted = (Location("", str(tmp_path / name)) for name in ("tables", "restricted"))
    tables = Tables(lambda: pytest.fail("Spark was started"), root)
    for reason in ("one", "two", "three"):
        with open_log(restricted, None) as append:
            entry = append(NAMES, make_row(reason))
        values = {name: getattr(entry, name, "") for name in ReidentificationRow.__slots__}
        tables.append_rows([ReidentificationRow(**values)])
    return tmp_path


def audit(place: Path, key_file: str, *arguments: str) -> int:
    folders = [f"--tables={place / 'tables'}", f"--mapping={place / 'restricted'}"]
    return main(["audit", arguments[0], *folders, "--key", key_file, *arguments[1:]])


def rewrite(place: Path, change: str) -> None:
    """Replace the rows of the log as somebody without the key can."""
    path = place / "restricted" / "access_log"
    rows = DeltaTable(str(path)).to_pyarrow_table().sort_by("entry").to_pylist()
    if change == "changed":
        rows[1]["reason"] = "another"
    elif change == "removed":
        del rows[1]
    elif change == "removed last":
        del rows[2]
    else:
        rows[0]["entry"], rows[1]["entry"] = 2, 1
    shutil.rmtree(path)
    write_deltalake(str(path), pa.Table.from_pylist(rows, arrow_schema(AccessRow)))


def test_a_whole_log_has_no_defects(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert audit(place, key_file, "verify") == 0
    out, err = capfd.readouterr()
    assert out == "entry,defect\n" and "has 3 entries; the last one is 3:" in err


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("changed", "2,changed"),
        ("removed", "2,missing"),
        ("removed last", "3,missing"),
        ("reordered", "1,wrong_predecessor"),
    ],
)
def test_a_log_that_was_rewritten_is_found(
    place: Path, key_file: str, change: str, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    rewrite(place, change)
    assert audit(place, key_file, "verify") == 3
    assert line in capfd.readouterr().out.splitlines()


def test_a_removed_log_is_found_by_its_witnesses(place: Path, key_file: str) -> None:
    shutil.rmtree(place / "restricted" / "access_log")
    (place / "restricted").rmdir()
    shutil.copytree(place / "tables" / "reidentifications", place / "restricted" / "sources")
    assert audit(place, key_file, "verify") == 3


def test_a_recorded_head_finds_what_has_no_witness(place: Path, key_file: str) -> None:
    rewrite(place, "removed last")
    shutil.rmtree(place / "tables")
    assert audit(place, key_file, "verify") == 0
    assert audit(place, key_file, "verify", "--head=3:abc") == 3
    assert audit(place, key_file, "verify", "--head=2:abc") == 3


def test_a_malformed_head_is_a_usage_error(place: Path, key_file: str) -> None:
    with pytest.raises(SystemExit) as error:
        audit(place, key_file, "verify", "--head=abc")
    assert error.value.code == 2


def test_the_accesses_to_a_patient_are_listed(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert audit(place, key_file, "who", "--patient", "P1") == 0
    header, *lines = capfd.readouterr().out.splitlines()
    assert header.startswith("entry,accessed_at,os_user,aws_caller,reason")
    assert [line.split(",")[4] for line in lines] == ["one", "two", "three"]
    assert audit(place, key_file, "who", "--patient", "P2") == 0
    assert len(capfd.readouterr().out.splitlines()) == 1


def test_the_accesses_are_listed_by_the_original_patient_id(
    place: Path,
    key_file: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pseudonym = NAMES.patient(make_patient_identity("MRN 77", "")).pseudonym
    row = replace(make_row("about 77"), pseudonym_hashes=[hash_pseudonym(NAMES, pseudonym)])
    with open_log(Location("", str(place / "restricted")), None) as append:
        append(NAMES, row)
    monkeypatch.setattr("sys.stdin", io.StringIO("MRN 77\n"))
    for original in ("MRN 77", "-"):
        assert audit(place, key_file, "who", "--original", original) == 0
        _, line = capfd.readouterr().out.splitlines()
        assert line.split(",")[4] == "about 77"
    assert audit(place, key_file, "who", "--original", " ") == 2


def test_a_folder_without_tables_is_a_usage_error(tmp_path: Path, key_file: str) -> None:
    assert audit(tmp_path, key_file, "verify") == 2
