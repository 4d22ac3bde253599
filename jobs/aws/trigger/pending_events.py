"""Keep collected events in the control folder until a batch is made of them.

Each invocation writes one object. Its name is the hash of its content, so that an invocation that
is repeated with the same messages writes nothing. The name has the number of events as well: a
listing is enough to decide whether a batch is due.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.settings import BatchLimits
from jobs.aws.trigger.upload_events import UploadEvent

_FOLDER = "pending"


@dataclass(frozen=True)
class PendingFile:
    """A file of pending events.

    Attributes
    ----------
    name : str
        Name in the control folder.
    events : int
        Number of its events.
    written : float
        Time of writing in seconds since the epoch.
    """

    name: str
    events: int
    written: float


class PendingEvents:
    """Pending events in the control folder.

    Parameters
    ----------
    folder : ControlFolder
    """

    def __init__(self, folder: ControlFolder):
        self._folder = folder

    def add(self, events: Iterable[UploadEvent]) -> int:
        """Write a file of events, unless it exists.

        Parameters
        ----------
        events : iterable of UploadEvent
            Events in any order.

        Returns
        -------
        int
            Number of events without repeated ones.

        Raises
        ------
        JobError
            If the file cannot be written.
        """
        lines = sorted({json.dumps(astuple(event)) for event in events})
        if not lines:
            return 0
        content = "\n".join(lines).encode()
        digest = hashlib.sha256(content).hexdigest()
        self._folder.write_new(f"{_FOLDER}/{digest}-{len(lines)}.jsonl", content)
        return len(lines)

    def list_files(self) -> list[PendingFile]:
        """Return the files, the oldest first.

        Raises
        ------
        JobError
            If the folder cannot be listed.
        """
        files = []
        for found in self._folder.list_folder(_FOLDER):
            stem = found.name.rpartition("/")[2].removesuffix(".jsonl")
            count = stem.rpartition("-")[2]
            if count.isdigit():
                files.append(PendingFile(found.name, int(count), found.modified))
        return sorted(files, key=lambda file: (file.written, file.name))

    def read(self, files: Sequence[PendingFile]) -> list[UploadEvent]:
        """Return the events of files.

        Raises
        ------
        JobError
            If a file cannot be read.
        """
        contents = self._folder.read_all([file.name for file in files])
        return [
            UploadEvent(*json.loads(line)) for content in contents for line in content.splitlines()
        ]

    def remove(self, files: Sequence[PendingFile]) -> None:
        """Delete files whose events a batch has.

        Raises
        ------
        JobError
            If a file cannot be deleted.
        """
        self._folder.delete([file.name for file in files])


def is_due(files: Sequence[PendingFile], limits: BatchLimits, now: float) -> bool:
    """Return whether a batch starts: it is full, or old, or no more uploads come.

    Parameters
    ----------
    files : sequence of PendingFile
        All pending files, the oldest first.
    limits : BatchLimits
    now : float
        Time in seconds since the epoch.
    """
    if not files:
        return False
    return (
        sum(file.events for file in files) >= limits.max_objects
        or now - files[0].written >= limits.max_age_seconds
        or now - files[-1].written >= limits.quiet_seconds
    )


def take_oldest(files: Sequence[PendingFile], max_events: int) -> list[PendingFile]:
    """Return the oldest files that together have at most a number of events, at least one file.

    Parameters
    ----------
    files : sequence of PendingFile
        The oldest first.
    max_events : int
        See :attr:`BatchLimits.max_objects`.
    """
    taken: list[PendingFile] = []
    events = 0
    for file in files:
        events += file.events
        if taken and events > max_events:
            break
        taken.append(file)
    return taken
