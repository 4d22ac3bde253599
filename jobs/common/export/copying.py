"""Copy the objects of a release in the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Optional

from jobs.common.observe.progress_reporter import ProgressAddress, report_each
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object, write_object
from safelight.records import Refusal

#: Outcomes of objects that the release holds as they are recorded.
COPIED_OUTCOMES = frozenset({WriteOutcome.NEW.value, WriteOutcome.SAME.value})


#: Stage that copies the objects.
COPY = "COPY"


class ReleaseObject(NamedTuple):
    """One object of a release.

    Attributes
    ----------
    source : str
        URI of the de-identified object.
    path : str
        Path below the folder of the release.
    row : tuple
        Columns of ``instances`` that go to the manifest; SHA-256 and size come first.
    """

    source: str
    path: str
    row: tuple[Any, ...]

    @property
    def sha256(self) -> str:
        """SHA-256 as it is recorded in ``instances``."""
        return str(self.row[0])

    @property
    def size(self) -> int:
        """Size in bytes as it is recorded in ``instances``."""
        return int(self.row[1])


class ObjectCopier:
    """Copy the objects of one partition and yield the outcome of each.

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

    def __call__(self, objects: Iterable[ReleaseObject]) -> Iterator[str]:
        """Copy the objects of one partition."""
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
