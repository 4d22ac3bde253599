"""Read and write gzip files of notes (RFC 1952)."""

from __future__ import annotations

import gzip
import io
import zlib

from safelight.records import Reason, Refusal

GZIP_SUFFIX = ".gz"
#: A compressed file cannot be split, so a larger one does not fit into a worker.
MAX_DECOMPRESSED_BYTES = 256 * 1024 * 1024


def is_gzipped(name: str) -> bool:
    """Return whether a file is compressed, by the end of its name."""
    return name.lower().endswith(GZIP_SUFFIX)


def name_without_gz(name: str) -> str:
    """Return the name of a file without ``.gz``."""
    return name[: -len(GZIP_SUFFIX)] if is_gzipped(name) else name


def decompress(data: bytes, max_bytes: int = MAX_DECOMPRESSED_BYTES) -> bytes:
    """Return the content of a gzip file.

    Parameters
    ----------
    data : bytes
        Compressed file.
    max_bytes : int
        Largest size of the content in bytes.

    Raises
    ------
    Refusal
        ``MALFORMED`` if the file is damaged, ``TOO_LARGE`` if its content has more than
        ``max_bytes`` bytes.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            content = file.read(max_bytes + 1)
    except (OSError, EOFError, zlib.error):
        raise Refusal(
            Reason.MALFORMED, "the file is damaged or not gzip; compress it again"
        ) from None
    if len(content) > max_bytes:
        raise Refusal(
            Reason.TOO_LARGE,
            f"the file has more than {max_bytes >> 20} MB when decompressed; decompress it first",
        )
    return content


def compress(data: bytes) -> bytes:
    """Return a gzip file without time and name, so that equal data give equal bytes."""
    return gzip.compress(data, mtime=0)
