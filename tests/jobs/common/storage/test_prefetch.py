from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.storage.listing import list_sources
from jobs.common.storage.prefetch import ByteRange, fetch_ahead
from safelight.records import Refusal


def locate(folder: Path, name: str) -> ByteRange:
    (source,) = list_sources([str(folder / name)])
    return ByteRange(source.uri, source.version, source.size)


def test_items_come_in_their_order_with_their_bytes(tmp_path: Path) -> None:
    names = ["b", "a", "c"]
    for name in names:
        (tmp_path / name).write_bytes(name.encode() * 3)
    found = [(f.item, f.read()) for f in fetch_ahead(names, lambda name: locate(tmp_path, name))]
    assert found == [("b", b"bbb"), ("a", b"aaa"), ("c", b"ccc")]


def test_a_range_is_read_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    whole = locate(tmp_path, "a")
    part = ByteRange(whole.uri, whole.version, whole.size, 2, 5)
    (fetched,) = fetch_ahead(["a"], lambda _: part)
    assert fetched.read() == b"234" and (len(part), len(whole)) == (3, 10)


def test_a_source_that_changed_is_refused_when_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    listed = locate(tmp_path, "a")
    (tmp_path / "a").write_bytes(b"12")
    (fetched,) = fetch_ahead(["a"], lambda _: listed)
    with pytest.raises(Refusal):
        fetched.read()


def test_a_range_does_not_show_its_uri() -> None:
    assert "jane" not in repr(ByteRange("/scans/doe-jane.dcm", "v", 1))
