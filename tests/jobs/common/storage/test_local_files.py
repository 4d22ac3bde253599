from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.local_files import LocalFiles
from jobs.common.storage.location import Location
from safelight.records import Refusal

FILES = LocalFiles()


def locate(path: Path) -> Location:
    return Location("", str(path))


def test_a_range_of_bytes_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    assert FILES.read(locate(tmp_path / "a"), None, 2, 5) == b"234"


def test_a_missing_file_has_no_version(tmp_path: Path) -> None:
    assert FILES.describe_object(locate(tmp_path / "gone")).version == ""


def test_a_pipe_is_not_listed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").write_bytes(b"a")
    listed = FILES.list_objects(locate(tmp_path))
    assert [Path(source.uri).name for source in listed] == ["a"]


def test_a_pipe_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    version = FILES.describe_object(locate(tmp_path / "pipe")).version
    with pytest.raises(Refusal, match="not a regular file"):
        FILES.read(locate(tmp_path / "pipe"), version)


def test_a_link_to_an_endless_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/zero")
    version = FILES.describe_object(locate(tmp_path / "link")).version
    with pytest.raises(Refusal, match="not a regular file"):
        FILES.read(locate(tmp_path / "link"), version)


def test_a_small_file_is_written_again(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        FILES.overwrite(locate(tmp_path / "new" / "a"), content)
    assert (tmp_path / "new" / "a").read_bytes() == b"two"


def test_deleting_a_missing_file_is_not_an_error(tmp_path: Path) -> None:
    FILES.delete(locate(tmp_path / "gone"))


@pytest.mark.parametrize(("replace", "outcome"), [(False, WriteOutcome.CONFLICT),
                                                  (True, WriteOutcome.NEW)])  # fmt: skip
def test_an_existing_file_is_replaced_only_on_request(
    tmp_path: Path, replace: bool, outcome: WriteOutcome
) -> None:
    (tmp_path / "a").write_bytes(b"one")
    assert FILES.write_new(locate(tmp_path / "a"), b"two", "", replace, "") is outcome
    assert (tmp_path / "a").read_bytes() == (b"two" if replace else b"one")


def test_a_killed_overwrite_leaves_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit("killed")

    FILES.overwrite(locate(tmp_path / "a"), b"one")
    monkeypatch.setattr("os.replace", killed)
    with pytest.raises(SystemExit):
        FILES.overwrite(locate(tmp_path / "a"), b"two")
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_file_is_copied_as_a_whole_over_another_one(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"1")
    target = tmp_path / "out" / "file"
    FILES.upload(locate(target), str(tmp_path / "one"))
    (tmp_path / "one").write_bytes(b"two")
    FILES.upload(locate(target), str(tmp_path / "one"))
    assert target.read_bytes() == b"two"
    assert os.listdir(target.parent) == ["file"]
