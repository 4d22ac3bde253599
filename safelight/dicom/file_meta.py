"""A new preamble and File Meta Information: nothing of the original's stays (PS3.10, 7.1)."""

from __future__ import annotations

import zlib
from functools import lru_cache

from safelight.dicom.encoding import DEFLATED_UID, EXPLICIT_LITTLE
from safelight.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME


@lru_cache(maxsize=256)
def _tail(transfer_syntax: str) -> bytes:
    element = EXPLICIT_LITTLE.element
    return (
        element(0x00020010, "UI", transfer_syntax.encode("ascii"))
        + element(0x00020012, "UI", IMPLEMENTATION_CLASS_UID.encode("ascii"))
        + element(0x00020013, "SH", IMPLEMENTATION_VERSION_NAME.encode("ascii"))
    )


def file_head(sop_class_uid: str, sop_instance_uid: str, transfer_syntax: str) -> bytes:
    """Preamble, prefix and group 0002 for a new instance."""
    element = EXPLICIT_LITTLE.element
    content = (
        element(0x00020001, "OB", b"\0\1")
        + element(0x00020002, "UI", sop_class_uid.encode("ascii"))
        + element(0x00020003, "UI", sop_instance_uid.encode("ascii"))
        + _tail(transfer_syntax)
    )
    length = EXPLICIT_LITTLE.number("L", len(content))
    return b"\0" * 128 + b"DICM" + element(0x00020000, "UL", length) + content


def data_set_bytes(pieces: list[bytes | memoryview], transfer_syntax: str) -> bytes:
    """The data set as it stands in the file: deflated where the syntax says so."""
    if transfer_syntax != DEFLATED_UID:
        return b"".join(pieces)
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = b"".join([*(deflater.compress(piece) for piece in pieces), deflater.flush()])
    return deflated + b"\0" * (len(deflated) & 1)
