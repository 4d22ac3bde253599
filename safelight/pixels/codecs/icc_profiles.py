"""Check the structure of ICC profiles (ISO 15076-1, section 7)."""

from __future__ import annotations

import struct

_HEADER_BYTES = 128
_SIGNATURE_OFFSET, _SIGNATURE = 36, b"acsp"
_TAG_BYTES = 12


def is_profile(data: bytes) -> bool:
    """Return whether bytes are one whole ICC profile, and nothing else.

    A profile that a codestream has in several parts is not one.

    Parameters
    ----------
    data : bytes
    """
    if len(data) < _HEADER_BYTES + 4 or int.from_bytes(data[:4], "big") != len(data):
        return False
    if not data.startswith(_SIGNATURE, _SIGNATURE_OFFSET):
        return False
    (count,) = struct.unpack_from(">L", data, _HEADER_BYTES)
    table_end = _HEADER_BYTES + 4 + count * _TAG_BYTES
    if not count or table_end > len(data):
        return False
    ends: list[int] = [
        sum(struct.unpack_from(">LL", data, at + 4))
        for at in range(_HEADER_BYTES + 4, table_end, _TAG_BYTES)
    ]
    # The last element ends at the end of the profile, apart from its padding to four bytes.
    return max(ends) <= len(data) <= max(ends) + 3
