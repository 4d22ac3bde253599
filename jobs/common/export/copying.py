"""Copy the objects of a release in the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import decode_rows, encode_rows
from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object, write_object
from safelight.records import Refusal

#: Outcomes of objects that the release holds as they are recorded.
COPIED_OUTCOMES = frozenset({WriteOutcome.NEW.value, WriteOutcome.SAME.value})


#: Stage that copies the objects.
COPY = "COPY"


@dataclass(slots=True)
class ReleaseObject:
    """One object of a release.

    Attributes
    ----------
    source : str
        URI of the de-identified object.
    path : str
        Path below the folder of the release.
    sha256 : str
        SHA-256 as it is recorded in ``instances``.
    size : int
        Size in bytes as it is recorded in ``instances``.
    """

    source: str
    path: str
    sha256: str
    size: int


@dataclass(slots=True)
class CopyOutcome:
    """Outcome of one object: of its write, or the reason for which it was not copied."""

    outcome: str


class ObjectCopier:
    """Copy the objects of one partition, as a function of ``mapInArrow``.

    Parameters
    ----------
    folder : str
        URI of the folder of the release.
    progress : ProgressAddress, optional
        Address for the progress.
    """

    def __init__(self, folder: str, progress: Optional[ProgressAddress] = None):
        self._folder = folder
        self._progress = progress

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Copy the objects of one partition, given as rows of `ReleaseObject`."""
        for batch in batches:
            objects = decode_rows(ReleaseObject, [batch])
            yield encode_rows(CopyOutcome, map(CopyOutcome, self.copy(objects)))

    def copy(self, objects: Iterable[ReleaseObject]) -> Iterator[str]:
        """Copy objects and yield the outcome of each."""
        folder = parse_uri(self._folder)
        for item in report_each(objects, self._progress, COPY, lambda item: item.size):
            try:
                data = read_object(item.source, None)
            except Refusal:
                yield "objects cannot be read"
                continue
            if hashlib.sha256(data).hexdigest() != item.sha256:
                yield "objects differ from their rows (SHA-256)"
                continue
            written = write_object(folder.child(item.path).uri, data, item.sha256)
            conflict = written is WriteOutcome.CONFLICT
            yield "objects exist in the release with other content" if conflict else written.value
