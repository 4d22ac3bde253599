"""Count the outcomes of a run over its committed batches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from safelight.records import Status

#: Quarantined objects that the end of a run names.
MAX_SAMPLES = 10


class Outcome(NamedTuple):
    """Outcome of an object or a note: its status, and the code of the reason or an empty string."""

    status: str
    reason: str


class QuarantinedObject(NamedTuple):
    """A quarantined object, by its source ID and the code of the reason."""

    source_id: str
    reason: str


@dataclass
class BatchCounts:
    """Counts of one committed batch.

    Attributes
    ----------
    outcomes : Counter
        Number of objects or notes by :class:`Outcome`.
    objects : int
        Number of the expected objects that the batch has finished.
    bytes_in, bytes_out : int
        Bytes read and written.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    objects: int = 0
    bytes_in: int = 0
    bytes_out: int = 0

    def add(self, other: BatchCounts) -> None:
        """Add the counts of another batch."""
        self.outcomes.update(other.outcomes)
        self.objects += other.objects
        self.bytes_in += other.bytes_in
        self.bytes_out += other.bytes_out

    def by_status(self) -> dict[str, int]:
        """Return the number of objects or notes of each status."""
        counts = dict.fromkeys((status.value for status in Status), 0)
        for outcome, count in self.outcomes.items():
            counts[outcome.status] = counts.get(outcome.status, 0) + count
        return counts

    def by_reason(self) -> list[tuple[Outcome, int]]:
        """Return the outcomes that have a reason, those with most objects first by status."""
        found = [(outcome, count) for outcome, count in self.outcomes.items() if outcome.reason]
        return sorted(found, key=lambda item: (item[0].status, -item[1], item[0].reason))
