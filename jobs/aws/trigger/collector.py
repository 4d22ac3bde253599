"""Collect the events of one invocation, and name the messages that are not events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.aws.trigger.pending_events import PendingEvents
from jobs.aws.trigger.upload_events import MessageError, UploadEvent, read_message


@dataclass(frozen=True)
class Collected:
    """Result of one invocation.

    Attributes
    ----------
    events : int
        Events that are pending now.
    ignored : int
        Events of markers, of empty objects and of other prefixes.
    failed_ids : tuple of str
        IDs of the messages that are not events of the bucket. They stay in the queue, which moves
        them to its dead-letter queue.
    """

    events: int
    ignored: int
    failed_ids: tuple[str, ...]


class Collector:
    """Collector of the events of one bucket.

    Parameters
    ----------
    pending : PendingEvents
    bucket : str
        Events of another bucket are failures.
    prefix : str
        Events of other keys are ignored.
    """

    def __init__(self, pending: PendingEvents, bucket: str, prefix: str = ""):
        self._pending = pending
        self._bucket = bucket
        self._prefix = prefix

    def collect(self, records: Sequence[Mapping[str, Any]]) -> Collected:
        """Make the events of messages pending.

        Parameters
        ----------
        records : sequence of mapping
            ``Records`` of an event of SQS for Lambda.

        Raises
        ------
        JobError
            If the control folder cannot be written. All messages then stay in the queue.
        """
        wanted: list[UploadEvent] = []
        failed: list[str] = []
        ignored = 0
        for record in records:
            try:
                events = self._read(record)
            except MessageError:
                failed.append(str(record["messageId"]))
                continue
            kept = [event for event in events if self._is_wanted(event)]
            ignored += len(events) - len(kept)
            wanted += kept
        return Collected(self._pending.add(wanted), ignored, tuple(failed))

    def _read(self, record: Mapping[str, Any]) -> list[UploadEvent]:
        """Return the events of one message."""
        events = read_message(record["body"])
        if any(event.bucket != self._bucket for event in events):
            raise MessageError("the event is of another bucket")
        return events

    def _is_wanted(self, event: UploadEvent) -> bool:
        """Return whether an event can change what a batch holds."""
        return event.key.startswith(self._prefix) and (event.removed or event.has_data)
