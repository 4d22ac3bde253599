from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.storage.listing import list_sources
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/1.dcm", "a/2", "b/c/3.dcm", "b/[x].dcm"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "in"


def names(folder: Path, *inputs: str, manifest: str | None = None) -> list[str]:
    found = list_sources(inputs, manifest)
    return [str(Path(source.uri).relative_to(folder)) for source in found]


def test_a_folder_is_listed_completely_and_in_order(folder: Path) -> None:
    assert names(folder, str(folder)) == ["a/1.dcm", "a/2", "b/[x].dcm", "b/c/3.dcm"]


def test_overlapping_inputs_are_listed_once(folder: Path) -> None:
    assert names(folder, f"{folder}/a", f"file://{folder}/a/2", str(folder / "a")) == [
        "a/1.dcm",
        "a/2",
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*/*.dcm", ["a/1.dcm", "b/[x].dcm"]),
        ("**.dcm", ["a/1.dcm", "b/[x].dcm", "b/c/3.dcm"]),
        ("b/?/3.dcm", ["b/c/3.dcm"]),
        ("[!b]/[12]*", ["a/1.dcm", "a/2"]),
        ("b/[x].dcm", ["b/[x].dcm"]),
    ],
)
def test_globs(folder: Path, pattern: str, expected: list[str]) -> None:
    assert names(folder, f"{folder}/{pattern}") == expected


def test_missing_objects_of_a_manifest_are_listed(folder: Path) -> None:
    manifest = folder.parent / "manifest.txt"
    manifest.write_text(f"{folder}/a/2\n\n{folder}/gone.dcm\n")
    found = list_sources([], str(manifest))
    there = {Path(source.uri).name: bool(source.version) for source in found}
    assert there == {"2": True, "gone.dcm": False}


def test_a_changed_file_is_another_version(folder: Path) -> None:
    before = list_sources([f"{folder}/a/2"])
    (folder / "a/2").write_bytes(b"other")
    assert list_sources([f"{folder}/a/2"])[0].version != before[0].version


def test_an_input_that_matches_nothing_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(UsageError, match="names no file"):
        list_sources([f"{folder}/nothing"])


def test_an_empty_folder_gives_no_sources(tmp_path: Path) -> None:
    assert list_sources([str(tmp_path)]) == []


@pytest.mark.parametrize("text", ["gs://bucket/key", "s3://", "http://host/file"])
def test_other_schemes_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_uri(text)


def test_s3_and_s3a_are_one_spelling() -> None:
    assert parse_uri("s3a://bucket/a/b").uri == parse_uri("s3://bucket/a/b").uri


@pytest.mark.parametrize("name", ["a b.dcm", "é.dcm", "100%.dcm", "a#b?c.dcm", "new\nline", "%41"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    (source,) = list_sources([str(tmp_path)])
    assert read_object(source.uri, source.version) == b"x"
    named = f"file://{tmp_path}/{name.replace('%', '%25')}"
    assert list_sources([named]) == [source]


def test_a_name_that_is_not_utf8_is_listed(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.dcm", "wb") as file:
        file.write(b"x")
    (source,) = list_sources([str(tmp_path)])
    assert source.uri.encode().endswith(b"%FF.dcm")
    assert read_object(source.uri, source.version) == b"x"
    assert list_sources([source.uri]) == list_sources([f"{tmp_path}/*.dcm"]) == [source]


def test_links_to_folders_are_reported_and_not_followed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.dcm").write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.dcm").symlink_to("nowhere")
    found = list_sources([str(tmp_path)])
    there = {Path(source.uri).name: bool(source.version) for source in found}
    assert there == {"one.dcm": True, "gone.dcm": False}
    assert "1 links to folders are not followed" in capfd.readouterr().err


def test_a_manifest_may_come_from_windows(folder: Path) -> None:
    manifest = folder.parent / "manifest.txt"
    manifest.write_bytes(f"\ufeff{folder}/a/2\r\n{folder}/a/1.dcm\r\n".encode())
    assert names(folder, manifest=str(manifest)) == ["a/1.dcm", "a/2"]
