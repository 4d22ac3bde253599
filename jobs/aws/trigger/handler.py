"""Handle invocations of the Lambda function: messages of the queue, ticks, and ends of runs.

The function is invoked with up to 10,000 messages, every minute by a schedule, and when a run on
EMR Serverless changes its state. Messages are made pending first. Each invocation then decides
what happens next.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Protocol
from uuid import uuid4

from jobs.aws.trigger.batch_table import BatchTable
from jobs.aws.trigger.collector import Collector
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.dispatcher import Decision, Dispatcher
from jobs.aws.trigger.emr_serverless_runs import EmrServerlessRuns
from jobs.aws.trigger.leases import is_leased
from jobs.aws.trigger.pending_events import PendingEvents
from jobs.aws.trigger.settings import Settings, read_settings
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.log import LogFormat, configure_log, log_error, log_event

#: Time for the answer, after which the lock of the invocation expires.
_LOCK_MARGIN_SECONDS = 5.0

#: Time of an invocation without a context: the longest that Lambda allows ("Lambda quotas").
_LONGEST_SECONDS = 900.0


class Context(Protocol):
    """Context of an invocation, as Lambda gives it."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left before the invocation is ended."""


def handle(event: Mapping[str, Any], context: Context | None) -> dict[str, Any]:
    """Handle one invocation.

    Parameters
    ----------
    event : mapping
        Event of SQS with messages, or any other event, which is a tick.
    context : Context or None
        Context of Lambda.

    Returns
    -------
    dict
        ``batchItemFailures`` for messages of SQS ("Reporting batch item failures" in the
        developer guide of Lambda), and the decision.

    Raises
    ------
    JobError
        If messages cannot be made pending, or a tick fails. Lambda repeats the invocation.
    UsageError
        If a setting is missing or wrong.
    """
    try:
        return _handle(event, context)
    except (JobError, UsageError):
        raise
    except Exception as error:  # its message may hold a part of an event
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise JobError(
            f"unexpected {type(error).__name__} in {os.path.basename(place.filename)}, "
            f"line {place.lineno}; report it"
        ) from None


def _handle(event: Mapping[str, Any], context: Context | None) -> dict[str, Any]:
    """Make messages pending, and decide what happens next."""
    settings = _settings()
    folder = ControlFolder(settings.control)
    records = event.get("Records")
    if records is None:
        decision = _dispatch(settings, folder, context)
        _log_pending(folder)
        return {"decision": decision.value}
    collector = Collector(PendingEvents(folder), settings.raw_bucket, settings.raw_prefix)
    collected = collector.collect(records)
    log_event("events_collected", "events were collected", count=collected.events)
    if collected.failed_ids:
        log_error(
            "messages_refused",
            "messages are not events of the bucket of uploads; look at the dead-letter queue",
            count=len(collected.failed_ids),
        )
    answer: dict[str, Any] = {
        "batchItemFailures": [{"itemIdentifier": name} for name in collected.failed_ids]
    }
    try:
        answer["decision"] = _dispatch(settings, folder, context).value
    except JobError as error:  # the events are safe, and the next tick raises it again
        log_error("dispatch_failed", str(error))
    return answer


def _log_pending(folder: ControlFolder) -> None:
    """Log the number and the age of pending events, from which conf/aws/audit.yaml alarms."""
    files = PendingEvents(folder).list_files()
    if files:
        log_event(
            "uploads_pending",
            "uploads wait for a run",
            count=sum(file.events for file in files),
            seconds=int(time.time() - files[0].written),
        )


@lru_cache(maxsize=1)
def _settings() -> Settings:
    """Return the settings of the function, which do not change while the process lives."""
    configure_log(LogFormat.JSON, command="trigger")
    return read_settings(os.environ)


def _dispatch(settings: Settings, folder: ControlFolder, context: Context | None) -> Decision:
    seconds = context.get_remaining_time_in_millis() / 1000 if context else _LONGEST_SECONDS
    dispatcher = Dispatcher(
        folder,
        BatchTable(settings.batches_table, settings.control.uri),
        EmrServerlessRuns(settings),
        settings.limits,
        partial(is_leased, settings.lease_table, settings.tables),
    )
    return dispatcher.dispatch(uuid4().hex, seconds + _LOCK_MARGIN_SECONDS)
