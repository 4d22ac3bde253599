"""Define the storage interface that local files and S3 implement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from jobs.common.storage.location import Location
from safelight.records import Reason, Refusal


@dataclass(frozen=True, order=True)
class Source:
    """A source object. ``uri`` MAY HOLD PHI.

    Attributes
    ----------
    uri : str
        Canonical URI.
    size : int
        Bytes.
    version : str
        ETag on S3, modification time and size of a local file; empty if the object is missing.
    """

    uri: str
    size: int
    version: str

    @property
    def folder(self) -> str:
        """URI up to the last slash: in most archives, one series or one study."""
        return self.uri.rpartition("/")[0]


class WriteOutcome(str, Enum):
    """Outcome of a conditional write.

    Attributes
    ----------
    NEW
        The object was written.
    SAME
        The object exists with the same bytes.
    CONFLICT
        The object exists with other bytes; it was not changed.
    """

    NEW = "new"
    SAME = "same"
    CONFLICT = "conflict"


class StorageBackend(Protocol):
    """Operations on objects of one kind of storage."""

    def list_objects(self, location: Location) -> Iterator[Source]:
        """Yield the objects that a file, a folder or a glob names."""

    def describe_object(self, location: Location) -> Source:
        """Return one object; its version is empty if the object is missing."""

    def read(
        self, location: Location, version: str | None, begin: int = 0, end: int | None = None
    ) -> bytes:
        """Return the bytes of one object from ``begin`` up to ``end``.

        Parameters
        ----------
        location : Location
            Location of the object.
        version : str or None
            Version as it was listed; ``None`` accepts any version.
        begin, end : int, optional
            Range of bytes, ``end`` excluded (default: all).

        Returns
        -------
        bytes
            Content of the range; fewer bytes if the object is shorter.

        Raises
        ------
        Refusal
            If the object is not the given version.
        OSError or botocore.exceptions.ClientError
            If the object is missing or cannot be read.
        """

    def write_new(
        self, location: Location, data: bytes, sha256: str, replace: bool, content_type: str
    ) -> WriteOutcome:
        """Write an object if it does not exist, or if it may be replaced.

        Parameters
        ----------
        location : Location
            Location of the object.
        data : bytes
            Content of the object.
        sha256 : str
            Hexadecimal digest of ``data``.
        replace : bool
            Replace an existing object.
        content_type : str
            Media type, for storage that has one.

        Returns
        -------
        WriteOutcome
            ``NEW`` if the object was written, ``SAME`` if it exists with the same bytes,
            ``CONFLICT`` if with others.

        Raises
        ------
        OSError or botocore.exceptions.ClientError
            If the object cannot be written.
        """

    def overwrite(self, location: Location, data: bytes) -> None:
        """Write a small object, whether it exists or not.

        Parameters
        ----------
        location : Location
            Location of the object.
        data : bytes
            Content of the object.

        Raises
        ------
        OSError or botocore.exceptions.ClientError
            If the object cannot be written.
        """

    def upload(self, location: Location, path: str) -> None:
        """Write the content of a local file of any size, whether the object exists or not.

        Parameters
        ----------
        location : Location
            Location of the object.
        path : str
            Path of the local file.

        Raises
        ------
        OSError or botocore.exceptions.ClientError
            If the object cannot be written.
        """

    def delete(self, location: Location) -> None:
        """Delete an object; a missing one is ignored."""

    def remove_partial_files(self, folder: Location) -> None:
        """Remove what a killed process left half written below a folder."""


def compare_checksums(existing: str, ours: str) -> WriteOutcome:
    """Return the outcome of a write that found an object with this SHA-256.

    Parameters
    ----------
    existing : str
        Hexadecimal SHA-256 of the existing object.
    ours : str
        Hexadecimal SHA-256 of the object to write.

    Returns
    -------
    WriteOutcome
        ``SAME`` if the checksums are equal, else ``CONFLICT``.
    """
    return WriteOutcome.SAME if existing == ours else WriteOutcome.CONFLICT


def changed_source() -> Refusal:
    """Return the refusal of a source that changed after it was listed."""
    return Refusal(Reason.UNREADABLE_SOURCE, "the source changed after it was listed; run again")
