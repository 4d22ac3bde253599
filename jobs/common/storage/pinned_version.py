"""Encode the version of an object on S3: its ETag, and the version ID if it is pinned.

A listing has ETags only; an inventory or a manifest may have version IDs as well. Both give the
same source ID for the same content, so the version ID is not a part of what is hashed.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

#: Separator of ETag and version ID. Neither may contain it: a version ID is URL-safe.
VERSION_ID_SEPARATOR = "?versionId="


class ObjectVersion(NamedTuple):
    """Version of an object.

    Attributes
    ----------
    etag : str
        ETag without quotation marks, or the version of a local file.
    version_id : str or None
        Version ID that is read; ``None`` for the current version.
    """

    etag: str
    version_id: Optional[str]


def pin_version(etag: str, version_id: Optional[str]) -> str:
    """Return the version of a source.

    Parameters
    ----------
    etag : str
        ETag without quotation marks; empty if the object is missing.
    version_id : str, optional
        Version ID to read; without it, the current version is read.

    Returns
    -------
    str
        ``etag``, and the version ID if there is one. Empty if the object is missing.
    """
    return f"{etag}{VERSION_ID_SEPARATOR}{version_id}" if etag and version_id else etag


def split_version(version: str) -> ObjectVersion:
    """Return the parts of a version that :func:`pin_version` made."""
    etag, separator, version_id = version.partition(VERSION_ID_SEPARATOR)
    return ObjectVersion(etag, version_id if separator else None)
