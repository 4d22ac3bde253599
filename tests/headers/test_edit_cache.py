"""Test which edits are cached, and the limits of the cache."""

from __future__ import annotations

import pytest

from safelight.headers import edit_cache
from safelight.headers.edit_cache import EditCache
from safelight.headers.models import ChangeLog, ElementEdit
from safelight.records import Finding

EDIT = ElementEdit(b"new value")


@pytest.mark.parametrize("edit", [EDIT, None])
def test_an_edit_is_stored_by_its_key(edit: ElementEdit | None) -> None:
    cache = EditCache()
    cache.store(b"key", 3, (edit, 0), ChangeLog())
    assert cache[b"key"] == (edit, 0)


@pytest.mark.parametrize(
    "log",
    [
        ChangeLog(read_text=True),
        ChangeLog(reads_object=True),
        ChangeLog(cleaned_content=True),
        ChangeLog(findings=[Finding("(0008,1030)", "NAME", "known", 1.0, "hmac")]),
    ],
)
def test_an_edit_that_depends_on_more_than_its_element_is_not_stored(log: ChangeLog) -> None:
    cache = EditCache()
    cache.store(b"key", 3, (EDIT, 0), log)
    assert not cache


@pytest.mark.parametrize(("entries", "most_bytes"), [(2, 1 << 20), (1 << 20, 40)])
def test_a_full_cache_is_cleared(
    monkeypatch: pytest.MonkeyPatch, entries: int, most_bytes: int
) -> None:
    monkeypatch.setattr(edit_cache, "CACHE_MAX_ENTRIES", entries)
    monkeypatch.setattr(edit_cache, "CACHE_MAX_BYTES", most_bytes)
    cache = EditCache()
    for key in (b"1", b"2", b"3"):
        cache.store(key, 11, (EDIT, 0), ChangeLog())
    assert list(cache) == [b"3"]
