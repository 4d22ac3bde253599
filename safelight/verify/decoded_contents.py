"""Decode what texts and bytes of an output contain: Base64, hexadecimal digits and Deflate."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEXADECIMAL = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){4,}(?![0-9A-Fa-f])")
#: Pairs of hexadecimal digits after one separator each: ``4D 52``, ``4D:52``, ``\\x4D\\x52``.
_SEPARATED_HEXADECIMAL = re.compile(
    r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{2}(?:(?:[ :%=-]|\\x|, ?0x)[0-9A-Fa-f]{2}){3,}(?![0-9A-Fa-f])"
)
_HEXADECIMAL_SEPARATOR = re.compile(r"[ :%=-]|\\x|, ?0x")
_URL_SAFE = str.maketrans("-_", "+/")
#: First bytes of streams of zlib and gzip.
_DEFLATED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
#: Value that lets zlib read streams of both kinds.
_ANY_HEADER = zlib.MAX_WBITS | 32

_MAX_STREAMS = 8
_MAX_INFLATED_BYTES = 1 << 20
#: Part of the characters that are printable, from which bytes are a text.
_MIN_PRINTABLE = 0.9


def find_decoded_texts(text: str) -> Iterator[str]:
    """Yield the texts that are encoded in a text.

    Parameters
    ----------
    text : str
    """
    for match in _HEXADECIMAL.finditer(text):
        yield from _decode_text(bytes.fromhex(match[0]))
    for match in _SEPARATED_HEXADECIMAL.finditer(text):
        yield from _decode_text(bytes.fromhex(_HEXADECIMAL_SEPARATOR.sub("", match[0])))
    for match in _BASE64.finditer(text):
        encoded = match[0].rstrip("=").translate(_URL_SAFE)
        try:
            yield from _decode_text(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
        except binascii.Error:
            continue


def find_inflated_bytes(data: bytes) -> Iterator[bytes]:
    """Yield the content of streams of zlib and gzip in bytes.

    Parameters
    ----------
    data : bytes
    """
    for number, match in enumerate(_DEFLATED.finditer(data)):
        if number >= _MAX_STREAMS:
            return
        try:
            inflater = zlib.decompressobj(_ANY_HEADER)
            yield inflater.decompress(data[match.start() :], _MAX_INFLATED_BYTES)
        except zlib.error:
            continue


def _decode_text(data: bytes) -> Iterator[str]:
    """Yield bytes as a text, if they are one."""
    for encoding in ("utf-8", "utf-16-le"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8" and not text.isascii():
            continue  # any bytes are characters in UTF-16
        if sum(c.isprintable() or c.isspace() for c in text) >= _MIN_PRINTABLE * len(text):
            yield text
            return
