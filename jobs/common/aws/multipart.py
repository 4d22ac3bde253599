"""Read and write bodies of the media type multipart/related, as DICOMweb uses them (PS3.18)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import uuid4

_BOUNDARY = re.compile(r'boundary="?([^";,\s]+)"?', re.IGNORECASE)


class MultipartError(Exception):
    """Raised if a body is not complete or has no boundary; holds nothing of the body."""


def is_multipart(content_type: str) -> bool:
    """Return whether a media type is a multipart type."""
    return content_type.strip().lower().startswith("multipart/")


def split_parts(content_type: str, body: bytes) -> list[bytes]:
    """Return the contents of the parts of a body.

    Parameters
    ----------
    content_type : str
        Media type with the boundary.
    body : bytes
        The whole body.

    Raises
    ------
    MultipartError
        If there is no boundary, or the last boundary is missing: the body was cut off.
    """
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise MultipartError
    delimiter = b"--" + match[1].encode("ascii", "replace")
    parts = []
    begin = _find_boundary(body, delimiter, 0)
    while not body.startswith(b"--", begin + len(delimiter)):
        headers_end = body.find(b"\r\n\r\n", begin)
        end = _find_boundary(body, b"\r\n" + delimiter, headers_end + 2)
        if headers_end < 0:
            raise MultipartError
        parts.append(body[headers_end + 4 : end])
        begin = end + 2
    return parts


def _find_boundary(body: bytes, delimiter: bytes, start: int) -> int:
    found = body.find(delimiter, start)
    if found < 0:
        raise MultipartError
    return found


def join_parts(contents: Sequence[bytes], media_type: str) -> tuple[str, bytes]:
    """Return the media type and the body of several contents.

    Parameters
    ----------
    contents : sequence of bytes
        Contents of the parts.
    media_type : str
        Media type of each part.

    Returns
    -------
    tuple of str and bytes
        Value of ``Content-Type``, and the body.
    """
    boundary = uuid4().hex  # 122 random bits: no content holds it by chance
    head = f"--{boundary}\r\nContent-Type: {media_type}\r\n\r\n".encode()
    pieces = []
    for content in contents:
        pieces += [head, content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f'multipart/related; type="{media_type}"; boundary="{boundary}"', b"".join(pieces)
