from __future__ import annotations

import zlib

import pytest

from safelight.dicom import deflate as module
from safelight.dicom.deflate import deflate, inflate
from safelight.records import Reason, Refusal


def refuse(data: bytes) -> Reason:
    with pytest.raises(Refusal) as caught:
        inflate(data, 0)
    return caught.value.reason


def compress(data: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


def test_deflated_pieces_are_inflated_again() -> None:
    data = b"head" + deflate([b"one ", memoryview(b"two")])
    assert inflate(data, 4) == b"one two"


@pytest.mark.parametrize("data", [b"a", b"ab", b"abc"])
def test_deflated_data_set_has_even_length(data: bytes) -> None:
    assert len(deflate([data])) % 2 == 0


def test_invalid_data_is_malformed() -> None:
    assert refuse(b"\xff\xff not deflated") is Reason.MALFORMED


def test_cut_data_is_truncated() -> None:
    assert refuse(compress(bytes(range(256)))[:-4]) is Reason.TRUNCATED


def test_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_INFLATED_BYTES", 1 << 16)
    assert refuse(compress(bytes(1 << 20))) is Reason.TOO_LARGE
