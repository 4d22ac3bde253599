"""Inflate and deflate a data set (PS3.5, section A.5)."""

from __future__ import annotations

import zlib

from safelight.records import Reason, Refusal

#: Maximum size of an inflated data set in bytes, as a protection against decompression bombs: a
#: kilobyte inflates to a megabyte, and inflating takes twice the memory of the result.
MAX_INFLATED_BYTES = 1 << 30

#: Level at which data sets are deflated. A change of the level changes the bytes of the output.
_LEVEL = 6


def inflate(data: bytes, start: int) -> bytes:
    """Return the inflated data set.

    Parameters
    ----------
    data : bytes
        The whole object.
    start : int
        Offset of the deflated data set.

    Returns
    -------
    bytes

    Raises
    ------
    Refusal
        ``MALFORMED``, ``TOO_LARGE`` or ``TRUNCATED``.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(data[start:], MAX_INFLATED_BYTES)
    except zlib.error:
        raise Refusal(
            Reason.MALFORMED, "the deflated data set cannot be inflated; repair the source"
        ) from None
    if inflater.unconsumed_tail:
        raise Refusal(Reason.TOO_LARGE, "the inflated data set is over 1 GiB; inspect the source")
    if not inflater.eof:
        raise Refusal(
            Reason.TRUNCATED, "the deflated data set is cut short; fetch it again from its source"
        )
    return inflated


def deflate(pieces: list[bytes | memoryview]) -> bytes:
    """Return the deflated data set, padded to an even length."""
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = b"".join([*(deflater.compress(piece) for piece in pieces), deflater.flush()])
    return deflated + b"\0" * (len(deflated) & 1)
