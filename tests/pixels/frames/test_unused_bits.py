from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.frames.unused_bits import holds_characters

NAME = b"Tomas Hargreave"
TEXT = b"Seen by the technologist on duty at night"


def spread(text: bytes, bits: int, order: str, start: int = 0) -> Array:
    """Return words with a text in the bits from 12 on, a number of bits in each word."""
    flat = np.unpackbits(np.frombuffer(text, np.uint8), bitorder=order)  # type: ignore[call-overload]
    parts = flat[: flat.size // bits * bits].reshape(-1, bits).astype(np.uint64)
    shifts = np.arange(bits, dtype=np.uint64)
    values = (parts << (shifts[::-1] if order == "big" else shifts)).sum(axis=1)
    rest = np.random.default_rng(7).integers(0, 4096, 4096, dtype=np.uint64)
    rest[start : start + values.size] |= values << np.uint64(12)
    return rest.reshape(64, 64)


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("start", [0, 5, 1001])
def test_text_in_unused_bits_is_found(bits: int, order: str, start: int) -> None:
    unused = range(12, 12 + max(bits, 2))
    if bits == 1 or len(unused) == bits:
        assert holds_characters(spread(TEXT, bits, order, start), unused, lambda _: False)
        words = spread(NAME, bits, order, start)
        assert holds_characters(words, unused, lambda raw: NAME in raw)


def test_noise_and_constant_bits_are_no_text() -> None:
    noise = np.random.default_rng(3).integers(0, 65536, (64, 64), dtype=np.uint64)
    assert not holds_characters(noise, range(12, 16), lambda raw: NAME in raw)
    constant = np.full((64, 64), 0x5000, np.uint64)
    assert not holds_characters(constant, range(12, 16), lambda raw: NAME in raw)
