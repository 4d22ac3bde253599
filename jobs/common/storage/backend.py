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

        Raises
        ------
        Refusal
            If the object is not the given version.
        """

    def write_new(
        self, location: Location, data: bytes, sha256: str, replace: bool, content_type: str
    ) -> WriteOutcome:
        """Write an object if it does not exist, or if it may be replaced."""

    def overwrite(self, location: Location, data: bytes) -> None:
        """Write a small object, whether it exists or not."""

    def delete(self, location: Location) -> None:
        """Delete an object; a missing one is ignored."""

    def remove_partial_files(self, folder: Location) -> None:
        """Remove what a killed process left half written below a folder."""


def compare_checksums(existing: str, ours: str) -> WriteOutcome:
    """Return the outcome of a write that found an object with this SHA-256."""
    return WriteOutcome.SAME if existing == ours else WriteOutcome.CONFLICT


def changed_source() -> Refusal:
    """Return the refusal of a source that changed after it was listed."""
    return Refusal(Reason.UNREADABLE_SOURCE, "the source changed after it was listed; run again")
