"""Recognize bytes that are a text, plain or compressed, and not samples, a table or a profile."""

from __future__ import annotations

import re
import zlib

#: Maximum length in bytes of a value that is read as text. Longer values hold samples.
_MAX_TEXT_BYTES = 4096
#: From eight bytes on, printable bytes are text and not a number by chance.
_PRINTABLE = re.compile(rb"[\t\n\r -~]{8,}\0*")
#: Samples that repeat are no text even if they are printable.
_MIN_DIFFERENT_BYTES = 4
#: First bytes of a stream in the formats gzip (RFC 1952) and zlib (RFC 1950).
_COMPRESSED_STARTS = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
#: Window size with detection of both formats, see zlib.decompressobj.
_ANY_FORMAT = 32 + zlib.MAX_WBITS
_MIN_INFLATED_BYTES = 6


def is_hidden_text(raw: bytes) -> bool:
    """Return whether a table, samples or a list of indices is a text instead.

    A list of small integers of 16 bits may look like UTF-16, so only bytes in ASCII and
    compressed streams are recognized.

    Parameters
    ----------
    raw : bytes
        Value of a standard attribute of bytes.

    Returns
    -------
    bool
    """
    if len(raw) > _MAX_TEXT_BYTES:
        return is_compressed(raw)
    if _PRINTABLE.fullmatch(raw):
        return len(set(raw)) >= _MIN_DIFFERENT_BYTES
    return is_compressed(raw)


def is_compressed(raw: bytes) -> bool:
    """Return whether bytes begin with a stream in the format gzip or zlib.

    Parameters
    ----------
    raw : bytes
        Value of an element of bytes.

    Returns
    -------
    bool
    """
    if not raw.startswith(_COMPRESSED_STARTS):
        return False
    try:
        inflated = zlib.decompressobj(_ANY_FORMAT).decompress(raw, _MAX_TEXT_BYTES)
    except zlib.error:
        return False
    return len(inflated) >= _MIN_INFLATED_BYTES
