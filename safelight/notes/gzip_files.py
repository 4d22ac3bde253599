"""Files of notes that are packed with gzip (RFC 1952): read whole, written so that bytes agree."""

from __future__ import annotations

import gzip
import io
import zlib

from safelight.records import Reason, Refusal

SUFFIX = ".gz"
#: A packed file cannot be cut; a larger one must be unpacked before.
LARGEST = 256 * 1024 * 1024


def is_packed(name: str) -> bool:
    """Whether a file is packed, by the end of its name."""
    return name.lower().endswith(SUFFIX)


def unpacked_name(name: str) -> str:
    """The name without what says that the file is packed."""
    return name[: -len(SUFFIX)] if is_packed(name) else name


def unpack(data: bytes, largest: int = LARGEST) -> bytes:
    """What was packed.

    Raises
    ------
    Refusal
        If it is damaged or grows beyond ``largest`` bytes.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unpacked = file.read(largest + 1)
    except (OSError, EOFError, zlib.error):
        raise Refusal(Reason.MALFORMED, "the file is damaged or no gzip; pack it again") from None
    if len(unpacked) > largest:
        raise Refusal(
            Reason.TOO_LARGE,
            f"the file has more than {largest >> 20} MB when unpacked; give it unpacked",
        )
    return unpacked


def pack(data: bytes) -> bytes:
    """Packed, without a time or a name: the same data give the same bytes."""
    return gzip.compress(data, mtime=0)
