"""Compute the checksums of the frames of an object, to compare them with those of a data store.

AWS HealthImaging keeps a CRC32 of each frame: of the decoded frame where it transcodes frames
without loss, and of the original frame where it keeps their encoding (page "Pixel data
verification" of the developer guide). The page defines neither the order of color samples nor
whether a padding byte belongs to a frame, and the service could not be asked. A frame therefore
has all checksums that the text allows, and one of them must be that of the store.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.frames.frame_source import FrameSource

#: Transfer syntaxes whose frames HealthImaging stores as they are: pages "Supported transfer
#: syntaxes" and "Pixel data verification".
KEPT_SYNTAXES = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in ("50", "91", "112", "203"))

#: Checksums that one frame may have.
FrameChecksums = frozenset[int]


def compute_checksums(source: FrameSource) -> list[FrameChecksums]:
    """Return the possible checksums of each frame.

    Parameters
    ----------
    source : FrameSource
        Frames of the de-identified object.

    Returns
    -------
    list of frozenset of int
        CRC32 values by frame; empty without pixel data.

    Raises
    ------
    Refusal
        If a frame cannot be decoded.
    """
    return [frozenset(_candidates(source, i)) for i in range(source.frame_count)]


def _candidates(source: FrameSource, i: int) -> Iterator[int]:
    raw = source.read_raw_frame(i)
    if source.encapsulated is None:
        yield zlib.crc32(raw)
        yield from _sum_values(source.read_frame(i), source.info.bits_allocated)
    elif source.transfer_syntax in KEPT_SYNTAXES:
        yield zlib.crc32(raw)
        yield zlib.crc32(raw.removesuffix(b"\0"))
    else:
        yield from _sum_values(source.read_frame(i), source.info.bits_allocated)


def _sum_values(values: Array, bits_allocated: int) -> Iterator[int]:
    """Yield the checksums of decoded values as little endian words, by pixel and by plane."""
    if values.dtype.kind == "f" or bits_allocated == 1:
        words = np.ascontiguousarray(values)
    else:
        kind = "i" if values.dtype.kind == "i" else "u"
        words = np.ascontiguousarray(values, dtype=f"<{kind}{bits_allocated // 8}")
    yield zlib.crc32(words.tobytes())
    if words.ndim == 3:
        yield zlib.crc32(np.ascontiguousarray(np.moveaxis(words, -1, 0)).tobytes())


def are_equal(ours: Sequence[FrameChecksums], stored: Sequence[int]) -> bool:
    """Return whether each stored checksum is one that our frame may have.

    Parameters
    ----------
    ours : sequence of frozenset of int
        Result of :func:`compute_checksums`.
    stored : sequence of int
        Checksum of each frame in the data store, in the order of the frames.
    """
    return len(ours) == len(stored) and all(one in all_of for all_of, one in zip(ours, stored))
