from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.run.preflight import (
    ensure_writable,
    is_inside,
    reject_overlap,
    require_file,
    require_tables,
)
from jobs.common.storage.location import Location, parse_uri


def test_a_local_folder_is_created(tmp_path: Path) -> None:
    location = ensure_writable("--output", str(tmp_path / "a" / "b"))
    assert Path(location.path).is_dir()


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(UsageError, match=r"--output .* cannot be created"):
        ensure_writable("--output", str(tmp_path / "a" / "b"))


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no table `runs`"):
        require_tables(str(tmp_path), "runs", "notes")


def test_one_of_the_tables_is_enough(tmp_path: Path) -> None:
    (tmp_path / "notes" / "_delta_log").mkdir(parents=True)
    (tmp_path / "notes" / "_delta_log" / f"{0:020d}.json").write_text("{}")
    assert require_tables(str(tmp_path), "runs", "notes") == parse_uri(str(tmp_path))


def test_an_output_inside_an_input_is_refused() -> None:
    outputs = {"--output": Location("", "/in/out"), "--tables": Location("", "/tables")}
    with pytest.raises(UsageError, match="--output is inside --input"):
        reject_overlap(["/in"], outputs)


def test_a_data_store_as_input_overlaps_no_folder() -> None:
    reject_overlap([f"healthimaging://{'0' * 32}"], {"--output": parse_uri("/out")})


def test_tables_inside_the_output_are_refused() -> None:
    outputs = {"--output": Location("", "/out"), "--tables": Location("", "/out/tables")}
    with pytest.raises(UsageError, match="--tables and --output overlap"):
        reject_overlap(["/in"], outputs)


def test_separate_folders_are_accepted() -> None:
    reject_overlap(["/in"], {"--output": Location("", "/out"), "--tables": Location("", "/out2")})


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (Location("", "/a/b"), Location("", "/a"), True),
        (Location("", "/a"), Location("", "/a/"), True),
        (Location("", "/ab"), Location("", "/a"), False),
        (Location("b", "x"), Location("b", ""), True),
        (Location("b", "a/x"), Location("c", "a"), False),
    ],
)
def test_a_location_is_inside_itself_and_its_parents(
    inner: Location, outer: Location, expected: bool
) -> None:
    assert is_inside(inner, outer) is expected


def test_a_file_in_an_existing_folder_is_accepted(tmp_path: Path) -> None:
    location = require_file("--output", str(tmp_path / "report.html"))
    assert Path(location.path).parent == tmp_path and not Path(location.path).exists()


@pytest.mark.parametrize(("name", "says"), [("no/report.html", "does not exist"), ("", "folder")])
def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        require_file("--output", str(tmp_path / name))
    assert not (tmp_path / "no").exists()
