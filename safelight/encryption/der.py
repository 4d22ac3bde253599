"""Write and read the Distinguished Encoding Rules of ASN.1 (ITU-T X.690), as far as CMS needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

INTEGER, OCTET_STRING, NULL, OBJECT_IDENTIFIER = 0x02, 0x04, 0x05, 0x06
SEQUENCE, SET = 0x30, 0x31
#: Context-specific tag 0, of a primitive and of a constructed value.
CONTEXT_0_PRIMITIVE, CONTEXT_0 = 0x80, 0xA0

_LONG_FORM = 0x80
_MAX_LENGTH_BYTES = 4


class DerError(ValueError):
    """Raised if bytes are not the expected structure. The message holds no content."""


def encode(tag: int, *contents: bytes) -> bytes:
    """Return a value with its tag and length.

    Parameters
    ----------
    tag : int
        Identifier octet.
    contents : bytes
        Parts of the content, in order.
    """
    content = b"".join(contents)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(digits))) + digits + content


def encode_integer(value: int) -> bytes:
    """Return an INTEGER that is not negative."""
    return encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def encode_set_of(values: Iterable[bytes]) -> bytes:
    """Return a SET OF with its values in the order of their bytes (X.690, section 11.6)."""
    return encode(SET, *sorted(values))


def encode_object_identifier(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER.

    Parameters
    ----------
    dotted : str
        Numbers that are joined by dots.
    """
    first, second, *others = map(int, dotted.split("."))
    content = bytearray()
    for arc in (40 * first + second, *others):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(arc & 0x7F | 0x80)
        content.extend(reversed(digits))
    return encode(OBJECT_IDENTIFIER, bytes(content))


@dataclass(frozen=True)
class DerValue:
    """Value that was read.

    Attributes
    ----------
    tag : int
        Identifier octet.
    content : bytes
    encoded : bytes
        The value with its tag and length.
    """

    tag: int
    content: bytes
    encoded: bytes

    def expect(self, tag: int) -> DerValue:
        """Return the value itself if it has a tag.

        Raises
        ------
        DerError
            If it has another tag.
        """
        if self.tag != tag:
            raise DerError(f"expected the tag {tag:02X} of ASN.1, found {self.tag:02X}")
        return self

    def list_values(self) -> list[DerValue]:
        """Return the values inside a constructed value."""
        return list(_iterate(self.content))


def decode(data: bytes) -> DerValue:
    """Return the first value of bytes; bytes behind it are ignored.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    DerError
        If the bytes do not begin with a complete value of definite length.
    """
    for value in _iterate(data):
        return value
    raise DerError("expected a value of ASN.1, found no bytes")


def _iterate(data: bytes) -> Iterator[DerValue]:
    """Yield the values that follow each other in bytes."""
    position = 0
    while position < len(data):
        start = position
        if position + 2 > len(data):
            raise DerError("a value of ASN.1 is not complete")
        tag, length = data[position], data[position + 1]
        position += 2
        if length >= _LONG_FORM:
            count = length & 0x7F
            if not 0 < count <= _MAX_LENGTH_BYTES:
                raise DerError("a value of ASN.1 has no definite length")
            length = int.from_bytes(data[position : position + count], "big")
            position += count
        stop = position + length
        if stop > len(data):
            raise DerError("a value of ASN.1 is not complete")
        yield DerValue(tag, data[position:stop], data[start:stop])
        position = stop
