"""Divide the objects of an import into chunks, one for each import job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from jobs.aws.healthimaging.imports.items import ImportItem, count_bytes


@dataclass(frozen=True)
class ChunkLimits:
    """Limits of one import job: page "AWS HealthImaging endpoints and quotas".

    Attributes
    ----------
    files : int
        Files of a job. AWS Support can raise it.
    bytes : int
        Bytes of all files of a job, 10 GB.
    file_bytes : int
        Bytes of one file, 4 GB.
    """

    files: int = 5_000
    bytes: int = 10 * 10**9
    file_bytes: int = 4 * 10**9


#: Limits of one request of STOW-RS. The service accepts 1 GB (page "Storing instances with
#: STOW-RS"), which is the limit of one object; several objects have a lower limit of ours, which
#: bounds the memory of a request and what one lost answer leaves open.
STOW_LIMITS = ChunkLimits(files=100, bytes=100 * 10**6, file_bytes=900 * 10**6)

#: How the files of a chunk reach the data store.
COPIED, IN_PLACE, STOW = "job", "job-in-place", "stow"


@dataclass(frozen=True)
class Chunk:
    """Objects that one import job imports.

    Attributes
    ----------
    datastore_id : str
        ID of the data store.
    method : str
        :data:`COPIED`, :data:`IN_PLACE` or :data:`STOW`.
    items : tuple of ImportItem
        Objects of the chunk.
    input_uri : str
        Folder of the files of :data:`IN_PLACE`; empty otherwise.
    """

    datastore_id: str
    method: str
    items: tuple[ImportItem, ...] = field(repr=False)
    input_uri: str = ""

    @property
    def token(self) -> str:
        """Client token: a hash of the data store and of all objects, 64 characters.

        The same chunk has the same token, so that the service starts its job once.
        """
        content = [self.datastore_id, self.method]
        content += [f"{item.uri}\n{item.sha256}\n{item.attempts}" for item in self.items]
        return hashlib.sha256("\n\n".join(content).encode()).hexdigest()

    @property
    def job_name(self) -> str:
        """Name of the import job, by which it can be found again."""
        return f"safelight-{self.token[:40]}"

    def to_json(self) -> dict[str, Any]:
        """Return the chunk as an object of JSON."""
        return asdict(self)


def chunk_from_json(found: dict[str, Any]) -> Chunk:
    """Return the chunk of an object of JSON.

    Raises
    ------
    KeyError or TypeError
        If the object is not that of a chunk.
    """
    items = tuple(ImportItem(**item) for item in found["items"])
    return Chunk(found["datastore_id"], found["method"], items, found["input_uri"])


def pack_items(
    items: Iterable[ImportItem], limits: ChunkLimits
) -> Iterator[tuple[ImportItem, ...]]:
    """Yield the objects of each chunk; a series is divided only if it exceeds a limit itself.

    Parameters
    ----------
    items : iterable of ImportItem
        Objects in the order of their UIDs, none larger than ``limits.file_bytes``.
    limits : ChunkLimits
        Limits of a chunk.
    """
    chunk: list[ImportItem] = []
    size = 0
    for _, series in groupby(items, key=lambda item: (item.study_uid, item.series_uid)):
        for part in _split_series(list(series), limits):
            part_size = count_bytes(part)
            if chunk and (len(chunk) + len(part) > limits.files or size + part_size > limits.bytes):
                yield tuple(chunk)
                chunk, size = [], 0
            chunk += part
            size += part_size
    if chunk:
        yield tuple(chunk)


def _split_series(series: Sequence[ImportItem], limits: ChunkLimits) -> Iterator[list[ImportItem]]:
    """Yield the parts of a series, each within the limits."""
    part: list[ImportItem] = []
    size = 0
    for item in series:
        if part and (len(part) == limits.files or size + item.size > limits.bytes):
            yield part
            part, size = [], 0
        part.append(item)
        size += item.size
    if part:
        yield part


def encode_json(value: object) -> str:
    """Return a value as JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
