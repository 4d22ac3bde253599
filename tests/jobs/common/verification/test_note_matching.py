"""Rows of ``note_files`` are paired with the files of an output."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import pytest

from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri
from jobs.common.verification.note_matching import NoteOutputs, match_notes

PROCESSED = datetime(2026, 1, 2, tzinfo=timezone.utc)


class Place:
    """Tables of a run in a folder of the test, and the listing of an output."""

    def __init__(self, spark: Any, folder: Path):
        self.spark = spark
        self.tables = Tables(spark, parse_uri(str(folder)))

    def add(self, uri: str, root: str = "/out", format_name: str = "txt", **values: Any) -> None:
        row = {
            "source_id": "s", "piece": 1, "format": format_name, "output_uri": uri,
            "output_root": root, "output_sha256": "x", "notes": 1, "notes_quarantined": 0,
            "processed_at": PROCESSED, **values,
        }  # fmt: skip
        self.tables.append_records("note_files", [row])

    def find(self, files: list[str], root: str) -> Optional[NoteOutputs]:
        rows = [(uri, 1, "v") for uri in files]
        listed = self.spark.createDataFrame(rows, "uri STRING, size LONG, version STRING")
        return match_notes(self.tables, listed, root, None)

    def match(self, files: list[str], root: str) -> NoteOutputs:
        found = self.find(files, root)
        assert found is not None
        return found


@pytest.fixture
def place(spark: Any, tmp_path: Path) -> Place:
    return Place(spark, tmp_path / "tables")


def outputs(found: NoteOutputs) -> list[str]:
    return [output.uri for row in found.checks.collect() for output in row.outputs]


def uris(frame: Any) -> set[str]:
    return {row.uri for row in frame.collect()}


def test_a_file_in_its_place_is_matched(place: Place) -> None:
    place.add("/out/a.txt")
    found = place.match(["/out/a.txt"], "/out")
    assert outputs(found) == ["/out/a.txt"]
    assert uris(found.missing) == set()


def test_the_newest_row_of_a_file_counts(place: Place) -> None:
    place.add("/out/a.txt", output_sha256="old")
    place.add("/out/a.txt", output_sha256="new", processed_at=PROCESSED.replace(day=3))
    (check,) = place.match(["/out/a.txt"], "/out").checks.collect()
    assert [output.sha256 for output in check.outputs] == ["new"]


def test_a_folder_that_was_moved_is_matched_by_relative_paths(place: Place) -> None:
    place.add("/out/a.txt")
    assert outputs(place.match(["/new/a.txt"], "/new")) == ["/new/a.txt"]


def test_missing_files_and_rows_of_another_output_folder(place: Place) -> None:
    place.add("/out/a.txt")
    place.add("/out/c.txt", source_id="t")
    place.add("/other/b.txt", "/other")
    found = place.match(["/out/c.txt"], "/out")
    assert uris(found.missing) == {"/out/a.txt"} and uris(found.files) == {"/out/c.txt"}


def test_rows_of_other_folders_alone_are_not_missing_here(place: Place) -> None:
    place.add("/out/a.txt")
    assert place.find(["/objects/1/2/3.dcm"], "/objects") is None


def test_the_files_of_a_delta_table_belong_to_one_row(place: Place) -> None:
    place.add("/out/t", format_name="delta")
    files = ["/out/t/part-1", "/out/t/_delta_log/0.json"]
    found = place.match(files, "/out")
    assert uris(found.files) == set(files) and found.tables == ("/out/t",)
