"""Where the data set of an object begins, how it is encoded, and what it inflates to."""

from __future__ import annotations

import zlib

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight.records import Reason, Refusal

#: A deflated data set may not grow beyond this when it is inflated.
INFLATED_LIMIT = 4 << 30


def meta(data: bytes) -> tuple[str, int]:
    """Transfer syntax and where the data set begins."""
    at = 132 if data[128:132] == b"DICM" else 0
    syntax = ""
    while data[at : at + 2] == b"\x02\x00" and data[at + 4 : at + 6].isalpha():
        long = data[at + 4 : at + 6] in (b"OB", b"OW", b"UN", b"UT", b"SQ", b"OF", b"UC", b"UR")
        size = 12 if long else 8
        length = int.from_bytes(data[at + size - (4 if long else 2) : at + size], "little")
        value = data[at + size : at + size + length]
        if data[at + 2 : at + 4] == b"\x10\x00":
            syntax = value.decode("ascii", "replace").strip("\0 ")
        at += size + length
    if not syntax:
        explicit = data[at + 4 : at + 6].isalpha() and data[at + 4 : at + 6].isupper()
        syntax = str(ExplicitVRLittleEndian if explicit else ImplicitVRLittleEndian)
    return syntax, at


def inflate(data: bytes, start: int) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(memoryview(data)[start:], INFLATED_LIMIT)
    except zlib.error:
        raise Refusal(Reason.MALFORMED, "the deflated data set cannot be inflated") from None
    if not inflater.eof and not inflater.unconsumed_tail:
        raise Refusal(Reason.TRUNCATED, "the deflated data set has no end; fetch it again")
    if inflater.unconsumed_tail:
        raise Refusal(Reason.TOO_LARGE, f"inflates to more than {INFLATED_LIMIT} bytes")
    return inflated
