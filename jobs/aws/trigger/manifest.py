"""Write the manifest of a batch, which a run reads with ``--manifest``.

The content of a manifest depends on the objects only, so that its hash identifies the batch.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jobs.aws.trigger.upload_events import ObjectKey, UploadEvent, pad_sequencer

#: Columns that :mod:`jobs.common.sources.manifests` reads; it ignores the sequencer. Keys are in a
#: column of their own, because spaces at the ends of a URI are not kept.
_COLUMNS = ("bucket", "key", "version_id", "size", "etag", "sequencer")


class ListedVersion(NamedTuple):
    """Version of an object that a manifest names."""

    content: tuple[str, str]
    sequencer: str


@dataclass(frozen=True)
class Manifest:
    """Manifest of a batch. HOLDS PHI: the keys.

    Attributes
    ----------
    content : bytes
        File in CSV.
    digest : str
        Hexadecimal SHA-256 of the content.
    objects : int
        Number of objects.
    size : int
        Bytes of all objects.
    """

    content: bytes
    digest: str
    objects: int
    size: int

    @property
    def name(self) -> str:
        """Return the name of the file in the control folder."""
        return manifest_name(self.digest)


def manifest_name(digest: str) -> str:
    """Return the name of a manifest in the control folder."""
    return f"batches/{digest}.csv"


def make_manifest(events: Iterable[UploadEvent]) -> Manifest:
    """Return the manifest of uploads.

    Parameters
    ----------
    events : iterable of UploadEvent
        At most one event for an object.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    objects = size = 0
    for event in sorted(events, key=lambda event: event.object_key):
        row = (event.bucket, event.key, event.version_id, event.size, event.etag, event.sequencer)
        writer.writerow(row)
        objects += 1
        size += event.size
    content = text.getvalue().encode()
    return Manifest(content, hashlib.sha256(content).hexdigest(), objects, size)


def read_manifest(content: bytes) -> dict[ObjectKey, ListedVersion]:
    """Return the versions that a manifest names.

    Parameters
    ----------
    content : bytes
        File that :func:`make_manifest` has made.
    """
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    next(rows)
    return {
        ObjectKey(bucket, key): ListedVersion((version_id, etag), sequencer)
        for bucket, key, version_id, _, etag, sequencer in rows
    }


def is_newer(event: UploadEvent, listed: Mapping[ObjectKey, ListedVersion]) -> bool:
    """Return whether an event is newer than what a manifest names.

    Parameters
    ----------
    event : UploadEvent
    listed : mapping of ObjectKey to ListedVersion
        Versions of the previous manifest.
    """
    known = listed.get(event.object_key)
    if known is None:
        return True
    if event.content == known.content:
        return False
    if not event.sequencer:  # of a listing, which is newer than any event
        return True
    return pad_sequencer(event.sequencer) >= pad_sequencer(known.sequencer)
