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


@pytest.mark.parametrize("before", [2**20 - 4, 2**20, 2**21 - 1])
def test_a_value_at_the_border_of_two_blocks_is_found(before: int) -> None:
    data = bytes(before) + b"Hargreave" + bytes(9)
    assert SEARCH.occurs_in(data) and SEARCH.occurs_in(memoryview(data))
