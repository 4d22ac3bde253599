"""Known values are found in bytes that are not text."""

from __future__ import annotations

import pytest

from safelight.text.known.byte_search import ByteSearch

SEARCH = ByteSearch(["Hargreave^Tom Li"], ["PX440172", "12345"])


@pytest.mark.parametrize("text", ["Hargreave", "HARGREAVE", "px440172"])
@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le", "utf-16-be"])
def test_long_values_are_found(text: str, encoding: str) -> None:
    assert SEARCH.occurs_in(b"\0\1\2" + text.encode(encoding) + b"\0\0\xff")


@pytest.mark.parametrize("data", [b"", bytes(range(256)) * 4, b"Tom Li", b"12345", b"harg reave"])
def test_short_values_and_other_bytes_are_not(data: bytes) -> None:
    assert not SEARCH.occurs_in(data)
    assert not ByteSearch([], []).occurs_in(data)
