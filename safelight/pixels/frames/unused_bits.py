"""Find text that is written character by character into the unused bits of pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from safelight.pixels.dicom.native_frames import Array

_BITS_PER_BYTE = 8
#: Printable bytes that noise has in one of 10 billion positions.
_PRINTABLE_RUN = re.compile(rb"[ -~]{24}")
_WORD = re.compile(rb"[A-Za-z]{4}")


def holds_characters(words: Array, unused: range, is_known: Callable[[bytes], bool]) -> bool:
    """Return whether the unused bits of the words of a frame, in sequence, are a text.

    The bits of each word are read together, as halves of bytes for instance, and each bit alone,
    with the highest or the lowest bit first.

    Parameters
    ----------
    words : ndarray of uint64
        Allocated words.
    unused : range
        Positions of adjacent unused bits, counted from 0 at the lowest.
    is_known : callable
        Returns whether bytes hold a known value of the patient.
    """
    return any(
        is_known(text) or _is_text(text)
        for stream, order in _iterate_streams(words.ravel(), unused)
        for start in range(_BITS_PER_BYTE)
        if (text := np.packbits(stream[start:], bitorder=order).tobytes())  # type: ignore[call-overload]
    )


def _iterate_streams(words: Array, unused: range) -> Iterator[tuple[Array, str]]:
    """Yield sequences of bits, and the order in which they fill bytes."""
    shifts = np.array(unused, np.uint64)
    bits = (words[:, np.newaxis] >> shifts & np.uint64(1)).astype(np.uint8)
    if len(unused) > 1:
        yield bits[:, ::-1].ravel(), "big"
        yield bits.ravel(), "little"
    for plane in bits.T:
        if plane.any():
            yield plane, "big"
            yield plane, "little"


def _is_text(raw: bytes) -> bool:
    return any(_WORD.search(run) and len(set(run)) > 4 for run in _PRINTABLE_RUN.findall(raw))
