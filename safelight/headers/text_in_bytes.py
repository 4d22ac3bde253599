"""Recognize bytes that are a text, plain or compressed, and not samples, a table or a profile."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise

from safelight.standard.attribute_categories import is_registered_uid
from safelight.text.lexicon.words import given_names, is_word

#: Maximum length in bytes of a value that is read as text. Longer values hold samples.
_MAX_TEXT_BYTES = 4096
#: From eight bytes on, printable bytes are text and not a number by chance.
_PRINTABLE = re.compile(rb"[\t\n\r -~]{8,}\0*")
#: Samples that repeat are not text even if they are printable.
_MIN_DIFFERENT_BYTES = 4
_GZIP_START = b"\x1f\x8b\x08"
#: First bytes of a stream in the formats gzip (RFC 1952) and zlib (RFC 1950).
_COMPRESSED_STARTS = (_GZIP_START, b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
#: A stream that follows a number starts before this byte.
_MAX_STREAM_START = 16
#: UID of more components than a version has (PS3.5, section 9.1), without the root of the standard.
_UID = re.compile(
    rb"(?<![0-9.])(?!1\.2\.840\.10008\.)[0-2](?:\.(?:0|[1-9][0-9]{0,38})){5,30}(?![0-9])"
)
_UID_MIN_BYTES = 16
_MAX_UID_SEARCH_BYTES = 64 << 10
_MAX_INFLATED_BYTES = 1 << 20
#: Window size with detection of both formats, see zlib.decompressobj.
_ANY_FORMAT = 32 + zlib.MAX_WBITS
_MIN_INFLATED_BYTES = 6
#: Characters of EBCDIC in Latin-1: code page 37, which has all of them.
_EBCDIC = bytes(range(256)).decode("cp037").encode("latin-1")
#: Printable characters with room for two words.
_RUN = re.compile(rb"[A-Za-z][A-Za-z ,.^'-]{7,}")
_CAPITALIZED = re.compile(r"[A-Z][A-Za-z'-]{2,}")


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
    return raw.startswith(_COMPRESSED_STARTS) and (
        len(_inflate(raw, _MAX_TEXT_BYTES)) >= _MIN_INFLATED_BYTES
    )


def inflate_stream(raw: bytes) -> bytes:
    """Return the start of what a stream in the format gzip or zlib holds.

    Parameters
    ----------
    raw : bytes
        Value of an element of bytes. A stream in the format gzip may follow a number, such as its
        length.

    Returns
    -------
    bytes
        At most 1 MiB; empty if the value does not hold a stream.
    """
    if raw.startswith(_COMPRESSED_STARTS):
        return _inflate(raw, _MAX_INFLATED_BYTES)
    start = raw.find(_GZIP_START, 0, _MAX_STREAM_START)
    return _inflate(raw[start:], _MAX_INFLATED_BYTES) if start > 0 else b""


def iterate_readings(raw: bytes) -> Iterator[bytes]:
    """Yield other readings of private bytes in which a text may hide.

    Parameters
    ----------
    raw : bytes
        Value of a private element of bytes.

    Yields
    ------
    bytes
        What a compressed stream holds, the bytes without zeros, as a text in UTF-32 has them, and
        EBCDIC as Latin-1.
    """
    if inflated := inflate_stream(raw):
        yield inflated
    yield raw.translate(None, b"\0")
    yield raw.translate(_EBCDIC)


def holds_instance_uid(raw: bytes) -> bool:
    """Return whether bytes of a private element hold a UID that the standard does not register.

    Parameters
    ----------
    raw : bytes
        Value of bytes that the rules keep. Longer values hold samples and are not searched.

    Returns
    -------
    bool
    """
    if not _UID_MIN_BYTES <= len(raw) <= _MAX_UID_SEARCH_BYTES:
        return False
    readings = (raw, raw.translate(None, b"\0")) if b"\0" in raw else (raw,)
    return any(
        len(uid) >= _UID_MIN_BYTES and not is_registered_uid(uid.decode("ascii"))
        for reading in readings
        for uid in _UID.findall(reading)
    )


def is_uid(raw: bytes) -> bool:
    """Return whether bytes are a UID and nothing else."""
    return _UID.fullmatch(raw.strip(b"\0 ")) is not None


def _inflate(raw: bytes, max_bytes: int) -> bytes:
    """Return the start of the inflated stream; empty if the bytes are not a stream."""
    try:
        return zlib.decompressobj(_ANY_FORMAT).decompress(raw, max_bytes)
    except zlib.error:
        return b""


def holds_name(raw: bytes) -> bool:
    """Return whether printable characters in bytes seem to be the name of a person.

    A given name of the lists is beside a word with a capital that no list has.

    Parameters
    ----------
    raw : bytes
        Value that the rules keep and nothing reads.

    Returns
    -------
    bool
    """
    head = (inflate_stream(raw) or raw)[:_MAX_TEXT_BYTES]
    return any(
        _is_name_pair(first, second)
        for text in (head, head[::2], head[1::2])
        for run in _RUN.findall(text)
        for first, second in pairwise(_CAPITALIZED.findall(run.decode("ascii")))
    )


def _is_name_pair(first: str, second: str) -> bool:
    one, other = first.lower(), second.lower()
    return (one in given_names() and not is_word(other)) or (
        other in given_names() and not is_word(one)
    )
