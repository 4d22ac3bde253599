from __future__ import annotations

import errno
import os
import resource
import socket
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.common.cli.errors import JobError
from jobs.common.sources import local_folders
from jobs.common.sources.local_folders import list_files
from jobs.common.sources.source_table import SourceTableBuilder, iterate_sources
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import read_object


def listed(path: Path | str, since: float | None = None) -> list[Source]:
    builder = SourceTableBuilder(since)
    list_files(str(path), builder)
    return sorted(iterate_sources(builder.finish()))


def uris_in_order(path: Path) -> list[str]:
    builder = SourceTableBuilder()
    list_files(str(path), builder)
    return [str(uri) for uri in builder.finish()["uri"].to_pylist()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/1.dcm", "a/2", "b/c/3.dcm", "b/[x].dcm"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "in"


def names(folder: Path, pattern: str) -> list[str]:
    return [str(Path(source.uri).relative_to(folder)) for source in listed(f"{folder}{pattern}")]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ["a/1.dcm", "a/2", "b/[x].dcm", "b/c/3.dcm"]),
        ("/a/2", ["a/2"]),
        ("/*/*.dcm", ["a/1.dcm", "b/[x].dcm"]),
        ("/**.dcm", ["a/1.dcm", "b/[x].dcm", "b/c/3.dcm"]),
        ("/b/?/3.dcm", ["b/c/3.dcm"]),
        ("/[!b]/[12]*", ["a/1.dcm", "a/2"]),
        ("/b/[x].dcm", ["b/[x].dcm"]),
        ("/nothing", []),
    ],
)
def test_a_path_names_a_file_a_folder_or_matches(
    folder: Path, pattern: str, expected: list[str]
) -> None:
    assert names(folder, pattern) == expected


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sets(st.lists(st.sampled_from(["a", "a.", "a-", "b", "0"]), min_size=1, max_size=3)
               .map("/".join), min_size=1))  # fmt: skip
def test_files_are_listed_in_the_order_of_their_paths(
    tmp_path: Path, given_names: set[str]
) -> None:
    folder = Path(mkdtemp(dir=tmp_path))
    for name in given_names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.dcm").touch()
    found = uris_in_order(folder)
    assert found == sorted(f"{folder}/{name}.dcm" for name in given_names)


def test_a_large_folder_is_listed_in_blocks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = uris_in_order(folder)
    monkeypatch.setattr(local_folders, "MAX_SORTED_ENTRIES", 1)
    assert sorted(uris_in_order(folder)) == expected


def test_a_deep_folder_needs_few_open_files(tmp_path: Path) -> None:
    deepest = tmp_path.joinpath(*["d"] * 100)
    deepest.mkdir(parents=True)
    (deepest / "1.dcm").touch()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, before[1]))
    try:
        assert len(uris_in_order(tmp_path)) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("name", ["a b.dcm", "é.dcm", "100%.dcm", "a#b?c.dcm", "new\nline", "%41"])
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    (source,) = listed(tmp_path)
    assert read_object(source.uri, source.version) == b"x"
    assert listed(tmp_path / name) == [source]


def test_a_name_that_is_not_utf8_is_listed(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.dcm", "wb") as file:
        file.write(b"x")
    (source,) = listed(tmp_path)
    assert source.uri.encode().endswith(b"%FF.dcm")
    assert read_object(source.uri, source.version) == b"x"


def test_links_are_reported_and_not_followed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.dcm").write_bytes(b"x")
    (tmp_path / "link.dcm").symlink_to("one.dcm")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.dcm").symlink_to("nowhere")
    (tmp_path / "passwd.txt").symlink_to("/etc/passwd")
    (tmp_path / "zero.dcm").symlink_to("/dev/zero")
    assert [Path(source.uri).name for source in listed(tmp_path)] == ["one.dcm"]
    assert "symbolic links that are not followed: 5;" in capfd.readouterr().err


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    (tmp_path / "one.dcm").write_bytes(b"x")
    (tmp_path / "link.dcm").symlink_to("one.dcm")
    (source,) = listed(tmp_path / "link.dcm")
    assert read_object(source.uri, source.version) == b"x"


def test_pipes_and_sockets_are_reported_and_not_listed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert listed(tmp_path) == []
    assert "pipes, sockets and devices in the input that are not read: 2;" in capfd.readouterr().err


def test_older_files_are_left_out(folder: Path) -> None:
    os.utime(folder / "a" / "2", (1000, 1000))
    found = listed(folder / "a", since=2000.0)
    assert [Path(source.uri).name for source in found] == ["1.dcm"]


def test_a_folder_that_cannot_be_listed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    (tmp_path / "doe").mkdir()
    monkeypatch.setattr("os.scandir", refuse)  # root may list every folder
    with pytest.raises(JobError, match="Permission denied") as raised:
        listed(tmp_path)
    assert "doe" not in str(raised.value)
