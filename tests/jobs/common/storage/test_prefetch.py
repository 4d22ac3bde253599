from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from jobs.common.storage import prefetch, s3_client
from jobs.common.storage.prefetch import ByteRange, fetch_ahead
from safelight.records import Reason, Refusal
from tests.jobs.listed_sources import list_sources


def locate(folder: Path, name: str) -> ByteRange:
    (source,) = list_sources(str(folder / name))
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


class StalledRange(ByteRange):
    """A range whose server does not send the rest of its answer before the test ends."""

    ended = Event()

    def read(self) -> bytes:
        self.ended.wait(60)
        return b""


class MemoryLimitedRange(ByteRange):
    """A range that cannot be read while the memory of the process is limited."""

    limited = True

    def read(self) -> bytes:
        if MemoryLimitedRange.limited:
            MemoryLimitedRange.limited = False
            raise MemoryError
        return b"whole"


class PromptRange(ByteRange):
    def read(self) -> bytes:
        return b"prompt"


def on_s3(kind: type[ByteRange]) -> ByteRange:
    return kind("s3://bucket/key", "v", 10)


def test_a_source_that_never_ends_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "WAIT_SECONDS", 0.1)
    kinds = [StalledRange] * (s3_client.MAX_CONNECTIONS // 2) + [PromptRange] * 2
    stalled, prompt = [], []
    for fetched in fetch_ahead(kinds, on_s3):
        if fetched.item is PromptRange:
            prompt.append(fetched.read())
        else:
            with pytest.raises(Refusal) as raised:
                fetched.read()
            stalled.append(raised.value.reason)
    StalledRange.ended.set()
    assert set(stalled) == {Reason.UNREADABLE_SOURCE} and prompt == [b"prompt"] * 2


def test_the_memory_limit_of_an_object_does_not_apply_to_the_next_one() -> None:
    (fetched,) = fetch_ahead([MemoryLimitedRange], on_s3)
    assert fetched.read() == b"whole"


def test_a_source_beyond_the_memory_of_the_machine_is_not_read(tmp_path: Path) -> None:
    sparse = tmp_path / "a"
    with sparse.open("wb") as file:
        file.truncate(1 << 42)
    (fetched,) = fetch_ahead(["a"], lambda name: locate(tmp_path, name))
    with pytest.raises(Refusal) as raised:
        fetched.read()
    assert raised.value.reason is Reason.OBJECT_MEMORY
