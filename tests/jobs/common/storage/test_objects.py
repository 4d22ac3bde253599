from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from jobs.common.storage import objects
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import (
    delete_object,
    read_object,
    read_parts,
    remove_partial_files,
    write_object,
)
from safelight.records import Reason, Refusal
from tests.jobs.listed_sources import list_sources


def write(path: Path, data: bytes, replace: bool = False) -> WriteOutcome:
    return write_object(str(path), data, hashlib.sha256(data).hexdigest(), replace)


def test_an_object_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "study" / "series" / "object.dcm"
    assert write(path, b"one") is WriteOutcome.NEW
    assert write(path, b"one") is WriteOutcome.SAME
    assert write(path, b"two") is WriteOutcome.CONFLICT
    assert path.read_bytes() == b"one"
    assert [p.name for p in path.parent.iterdir()] == ["object.dcm"]


def test_an_object_is_replaced_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "object.dcm"
    write(path, b"one")
    assert write(path, b"two", replace=True) is WriteOutcome.NEW
    assert path.read_bytes() == b"two"
    delete_object(str(path))
    delete_object(str(path))
    assert not path.exists()


def test_a_source_that_changed_after_the_listing_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "doe-jane.dcm"
    path.write_bytes(b"first")
    source = list_sources(str(path))[0]
    assert read_object(source.uri, source.version) == b"first"
    path.write_bytes(b"second")
    with pytest.raises(Refusal) as raised:
        read_object(source.uri, source.version)
    assert raised.value.reason is Reason.UNREADABLE_SOURCE


def test_a_missing_source_is_refused_without_its_name(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as raised:
        read_object(str(tmp_path / "doe-jane.dcm"), "")
    assert raised.value.reason is Reason.UNREADABLE_SOURCE
    assert "jane" not in str(raised.value)


def test_partial_files_of_a_killed_process_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit("killed")

    write(tmp_path / "study" / "one.dcm", b"one")
    with monkeypatch.context() as patch:
        patch.setattr("os.link", killed)
        patch.setattr("os.unlink", killed)
        with pytest.raises(SystemExit):
            write(tmp_path / "study" / "two.dcm", b"two")
    assert len(list((tmp_path / "study").iterdir())) == 2
    remove_partial_files(parse_uri(str(tmp_path)))
    assert [path.name for path in (tmp_path / "study").iterdir()] == ["one.dcm"]


@pytest.mark.parametrize("size", [0, 5, 6, 7])
def test_an_object_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(objects, "PART_BYTES", 3)
    data = bytes(range(size))
    (tmp_path / "object").write_bytes(data)
    parts = list(read_parts(str(tmp_path / "object")))
    assert b"".join(parts) == data and all(0 < len(part) <= 3 for part in parts)


def test_the_parts_of_a_changed_or_missing_object_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "PART_BYTES", 3)
    path = tmp_path / "object"
    with pytest.raises(Refusal, match="missing"):
        next(read_parts(str(path)))
    path.write_bytes(b"first")
    parts = read_parts(str(path))
    assert next(parts) == b"fir"
    path.write_bytes(b"second")
    with pytest.raises(Refusal, match="changed"):
        next(parts)
