"""Compact one table, in the driver or in a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.common.cli.errors import JobError
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location


@dataclass(frozen=True)
class CompactionTask:
    """Compaction of one table. It is sent to a worker.

    Attributes
    ----------
    table : str
        Name of the table.
    location : Location
        Folder of the table.
    token : int
        Fencing token of the lease that the driver holds meanwhile.
    target_bytes : int
        Size of the merged files.
    retain_days : int
        Days for which replaced files are kept.
    """

    table: str
    location: Location
    token: int
    target_bytes: int
    retain_days: int

    def run(self) -> bool:
        """Compact the table; return False if that is not possible now."""
        folder = DeltaFolder(self.location, self.token)
        try:
            folder.compact(self.target_bytes)
            folder.vacuum(self.retain_days, with_uncommitted=False)
        except JobError:  # the work of the run is done, whether its tables are compact or not
            return False
        return True


def compact_here(tasks: Sequence[CompactionTask]) -> list[str]:
    """Compact tables in this process; return the names of those that are not compacted."""
    return [task.table for task in tasks if not task.run()]
