"""The check and the search of the access log, without Spark."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.cli import main
from jobs.common.access_log.entries import AccessRow, hash_pseudonym
from jobs.common.access_log.log import open_log
from jobs.common.access_log.records import make_record
from jobs.common.delta.arrow_rows import arrow_schema
from jobs.common.delta.rows import ReidentificationRow
from jobs.common.delta.tables.table_set import Tables
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
        tables.append_rows([make_record(entry)])
    return tmp_path


def audit(place: Path, key_file: str, *arguments: str) -> int:
    folders = [f"--tables={place / 'tables'}", f"--mapping={place / 'restricted'}"]
    return main(["audit", arguments[0], *folders, "--key", key_file, *arguments[1:]])


def replace_file(folder: Path, change: str) -> str:
    """Damage one data file, and return its name."""
    file = min(folder.glob("*.parquet"))
    content = file.read_bytes()
    if change == "missing":
        file.unlink()
    elif change == "truncated":
        file.write_bytes(content[: len(content) // 2])
    elif change == "overwritten":
        file.write_bytes(content[:4] + bytes(len(content) - 8) + content[-4:])
    elif change == "of other columns":
        pq.write_table(pa.table({"entry": ["one"], "other": [1]}), file)
    else:
        values = {"accessed_at": None} if change == "without a time" else {"reason": "another"}
        rows = [row | values for row in pq.read_table(file).to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, arrow_schema(AccessRow)), file)
    return file.name


def rewrite_records(place: Path, values: dict[str, object]) -> None:
    """Replace values of the second row of `reidentifications`."""
    path = place / "tables" / "reidentifications"
    rows = DeltaTable(str(path)).to_pyarrow_table().sort_by("entry").to_pylist()
    rows[1].update(values)
    shutil.rmtree(path)
    write_deltalake(str(path), pa.Table.from_pylist(rows, arrow_schema(ReidentificationRow)))


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


@pytest.mark.parametrize(
    "change", ["missing", "truncated", "overwritten", "of other columns", "without a time"]
)
def test_a_damaged_file_of_the_log_is_a_finding(
    place: Path, key_file: str, change: str, capfd: pytest.CaptureFixture[str]
) -> None:
    name = replace_file(place / "restricted" / "access_log", change)
    assert audit(place, key_file, "verify") == 3
    out, err = capfd.readouterr()
    header, first, *others = out.splitlines()
    assert (header, first) == ("entry,defect", ",damaged_file")
    assert len(others) == 1 and others[0].endswith(",missing")
    assert f"the file {name} of the table access_log is missing, damaged" in err
    assert "restore it from a backup" in err and "Traceback" not in err


def test_a_file_that_was_rewritten_in_its_place_is_found(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    replace_file(place / "restricted" / "access_log", "with another reason")
    assert audit(place, key_file, "verify") == 3
    assert ",changed" in capfd.readouterr().out


def test_entries_without_a_row_in_the_record_are_counted(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(place / "tables")
    assert audit(place, key_file, "verify") == 0
    assert "3 entries have no row in `reidentifications`" in capfd.readouterr().err


def test_the_accesses_in_the_other_files_are_listed_if_one_is_damaged(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    replace_file(place / "restricted" / "access_log", "truncated")
    assert audit(place, key_file, "who", "--patient", "P1") == 3
    assert len(capfd.readouterr().out.splitlines()) == 3


def test_a_damaged_file_of_the_record_is_a_finding(
    place: Path, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    name = replace_file(place / "tables" / "reidentifications", "truncated")
    assert audit(place, key_file, "verify") == 3
    out, err = capfd.readouterr()
    assert out == "entry,defect\n,damaged_file\n"
    assert f"the file {name} of the table reidentifications is" in err


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"entry_hash": "0" * 64}, "2,record_differs"),
        ({"reason": "another"}, "2,record_differs"),
        ({"accessed_by": None}, "2,record_differs"),
        ({"entry": 1}, "1,record_differs"),
        ({"entry": 7}, "7,missing"),
        ({"entry": None, "entry_hash": None}, ",record_without_entry"),
    ],
)
def test_a_changed_row_of_the_record_is_found(
    place: Path,
    key_file: str,
    values: dict[str, object],
    line: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    rewrite_records(place, values)
    assert audit(place, key_file, "verify") == 3
    assert capfd.readouterr().out.splitlines() == ["entry,defect", line]


def test_a_row_without_a_number_that_is_older_than_the_log_is_of_an_earlier_version(
    place: Path, key_file: str
) -> None:
    earlier = datetime(2020, 1, 1, tzinfo=timezone.utc)
    rewrite_records(place, {"entry": None, "entry_hash": None, "accessed_at": earlier})
    assert audit(place, key_file, "verify") == 0


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
