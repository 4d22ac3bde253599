"""Known values are found in bytes that are not text."""

from __future__ import annotations

import numpy as np
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


@pytest.mark.parametrize("name", ["Åsa", "Иван", "Ana"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_short_names_of_an_alphabet_are_not_found_in_samples_of_two_bytes(
    name: str, encoding: str
) -> None:
    assert not ByteSearch([name], []).occurs_in(bytes(8) + name.encode(encoding) + bytes(8))


@pytest.mark.parametrize("name", ["Екатерина", "山田太郎"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_long_names_in_other_scripts_are_found(name: str, encoding: str) -> None:
    assert ByteSearch([name], []).occurs_in(bytes(8) + name.encode(encoding) + bytes(8))


@pytest.mark.parametrize("identifier", ["123456", "111111", "987654"])
def test_identifiers_that_ramps_have_are_not_found(identifier: str) -> None:
    samples = np.arange(256, dtype="<u2")
    search = ByteSearch([], [identifier])
    for data in (samples.tobytes(), samples[::-1].tobytes(), bytes(range(256)), b"1" * 20):
        assert not search.occurs_in(data, are_samples=True)
    assert search.occurs_in(b" " + identifier.encode() + b" ")


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2"])
def test_digits_in_a_texture_are_not_found_but_between_other_bytes(dtype: str) -> None:
    search = ByteSearch([], ["20190312", "2019-03-12", "471102"])
    texture = np.random.default_rng(5).integers(44, 60, 4000).astype(dtype)
    for identifier in (b"20190312", b"471102"):
        hidden = texture.copy()
        hidden[2000 : 2000 + len(identifier)] = np.frombuffer(identifier, "u1")
        assert not search.occurs_in(hidden.tobytes(), are_samples=True)
        assert search.occurs_in(hidden.tobytes())
        text = b" ".join([b"PATIENT", identifier, b"OF DAY"])
        hidden[1990 : 1990 + len(text)] = np.frombuffer(text, "u1")
        assert search.occurs_in(hidden.tobytes(), are_samples=True)
        assert search.occurs_in(bytes(500) + identifier + bytes(500), are_samples=True)


@pytest.mark.parametrize("text", ["Grove Ruby", "RUBY^GROVE", "grove, ruby"])
def test_short_parts_of_a_name_are_found_together(text: str) -> None:
    search = ByteSearch(["Grove^Ruby"], [])
    assert search.occurs_in(b"\0\1" + text.encode() + b"\0")
    assert not search.occurs_in(b"a grove and a ruby")
