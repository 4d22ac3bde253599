"""Describe what the trigger has to do: queues, pending uploads and batches. It shows no key."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Optional

from jobs.aws.trigger.batch_table import Batch, BatchState
from jobs.aws.trigger.deployment import Deployment, find_queue_url
from jobs.common.aws.clients import get_client, request

#: Attributes of a queue whose sum is the number of its messages.
_MESSAGE_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)

#: Characters of a hash that identify a batch for people.
_SHORT_CHARACTERS = 16


@dataclass(frozen=True)
class TriggerStatus:
    """Status of the trigger.

    Attributes
    ----------
    messages, dead_letters : int
        Messages in the queue and in the dead-letter queue.
    pending_events : int
        Events that wait for a batch.
    pending_seconds : int
        Age of the oldest one.
    current : Batch or None
        Batch that has the turn.
    batches : dict of str to int
        Number of batches by state.
    failed : tuple of Batch
        Batches whose runs have failed.
    """

    messages: int
    dead_letters: int
    pending_events: int
    pending_seconds: int
    current: Optional[Batch]
    batches: dict[str, int]
    failed: tuple[Batch, ...]

    def describe(self) -> list[str]:
        """Return lines for people."""
        lines = [f"queue: {self.messages} messages", f"pending uploads: {self.pending_events}"]
        if self.pending_events:
            lines[-1] += f", the oldest since {self.pending_seconds} seconds"
        lines += [f"{state} batches: {count}" for state, count in sorted(self.batches.items())]
        if self.current:
            lines.append(f"current batch: {_describe_batch(self.current)}")
        lines += [f"failed batch: {_describe_batch(batch)}" for batch in self.failed]
        if self.failed:
            lines.append(
                "read the logs of these runs, then run `safelight trigger replay --failed`"
            )
        if self.dead_letters:
            lines.append(
                f"dead-letter queue: {self.dead_letters} messages; "
                "run `safelight trigger replay --dead-letters`"
            )
        return lines

    def to_json(self) -> dict[str, object]:
        """Return the last line of the command."""
        fields = asdict(self)
        fields["current"] = _short_fields(self.current) if self.current else None
        fields["failed"] = [_short_fields(batch) for batch in self.failed]
        return fields


def read_status(deployment: Deployment) -> TriggerStatus:
    """Return the status of the trigger.

    Parameters
    ----------
    deployment : Deployment

    Raises
    ------
    JobError
        If a resource cannot be read.
    """
    files = deployment.pending.list_files()
    batches = list(deployment.table.list_batches())
    current = deployment.table.read_turn().current
    return TriggerStatus(
        messages=_count_messages(deployment.queue),
        dead_letters=_count_messages(deployment.dead_letter_queue),
        pending_events=sum(file.events for file in files),
        pending_seconds=int(time.time() - files[0].written) if files else 0,
        current=next((batch for batch in batches if batch.digest == current), None),
        batches=dict(Counter(batch.state.value for batch in batches)),
        failed=tuple(batch for batch in batches if batch.state is BatchState.FAILED),
    )


def _count_messages(queue: str) -> int:
    answer = request(
        f"the queue {queue} cannot be read",
        get_client("sqs").get_queue_attributes,
        QueueUrl=find_queue_url(queue),
        AttributeNames=list(_MESSAGE_COUNTS),
    )
    return sum(int(answer["Attributes"].get(name, 0)) for name in _MESSAGE_COUNTS)


def _short_fields(batch: Batch) -> dict[str, object]:
    return {
        "batch": batch.digest[:_SHORT_CHARACTERS],
        "state": batch.state.value,
        "objects": batch.objects,
        "bytes": batch.size,
        "attempt": batch.attempt,
        "job_run_id": batch.job_run_id,
    }


def _describe_batch(batch: Batch) -> str:
    return (
        f"{batch.digest[:_SHORT_CHARACTERS]}, {batch.objects} objects, {batch.state.value}, "
        f"attempt {batch.attempt}, job run {batch.job_run_id or 'not started'}"
    )
