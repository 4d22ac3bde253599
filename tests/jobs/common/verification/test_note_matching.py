"""Rows of ``note_files`` are paired with the files of an output."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jobs.common.verification.note_matching import _match_files


def row(uri: str, root: str = "/out", format_name: str = "txt") -> Any:
    return SimpleNamespace(
        source_id="s", piece=1, format=format_name, output_uri=uri, output_root=root,
        output_sha256="x", written=1,
    )  # fmt: skip


def test_a_file_in_its_place_is_matched() -> None:
    matches = _match_files([row("/out/a.txt")], {"/out/a.txt": "v"}, "/out")
    assert [output.uri for output in matches.by_source["s"]] == ["/out/a.txt"]
    assert matches.missing == []


def test_a_folder_that_was_moved_is_matched_by_relative_paths() -> None:
    matches = _match_files([row("/out/a.txt")], {"/new/a.txt": "v"}, "/new")
    assert [output.uri for output in matches.by_source["s"]] == ["/new/a.txt"]


def test_a_missing_file_is_reported() -> None:
    assert _match_files([row("/out/a.txt")], {}, "/out").missing == ["/out/a.txt"]


def test_rows_of_another_output_folder_are_ignored() -> None:
    rows = [row("/out/a.txt"), row("/other/b.txt", "/other")]
    matches = _match_files(rows, {"/out/a.txt": "v"}, "/out")
    assert matches.missing == [] and matches.files == {"/out/a.txt"}


def test_the_files_of_a_delta_table_belong_to_one_row() -> None:
    versions = {"/out/t/part-1": "v", "/out/t/_delta_log/0.json": "v"}
    matches = _match_files([row("/out/t", format_name="delta")], versions, "/out")
    assert matches.files == set(versions) and list(matches.tables) == ["/out/t"]
