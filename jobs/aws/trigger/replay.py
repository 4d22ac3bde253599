"""Make uploads pending again: of dead letters, of failed batches, of a listing or an inventory.

Each source is read in parts. A part is pending before it is removed from its source, so that a
replay that was interrupted can be repeated. A run skips objects that were de-identified before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Optional

from jobs.aws.trigger.batch_table import BatchState
from jobs.aws.trigger.collector import Collector
from jobs.aws.trigger.deployment import Deployment, find_queue_url
from jobs.aws.trigger.upload_events import UploadEvent
from jobs.common.aws.client_errors import error_code
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.pinned_version import split_version
from jobs.common.storage.s3_client import describe_bucket_error
from jobs.common.storage.s3_listing import ListedObject, list_page

#: Events of one pending file, as of one full invocation.
_PART_EVENTS = 10_000

#: Time in which received dead letters are not received again.
_INVISIBLE_SECONDS = 300

#: Messages that one request receives or deletes at most ("SQS quotas").
_SQS_MESSAGES = 10

#: Answers without messages after which a queue counts as empty: a queue is a set of servers, of
#: which one answer covers some ("Short and long polling" in the developer guide of SQS).
_EMPTY_ANSWERS = 2


@dataclass(frozen=True)
class Replayed:
    """Result of a replay.

    Attributes
    ----------
    uploads : int
        Uploads that become part of a run again.
    ignored : int
        Markers and empty objects.
    refused : int
        Messages that are not events of S3; they stay in the dead-letter queue.
    batches : int
        Failed batches that have another turn.
    """

    uploads: int = 0
    ignored: int = 0
    refused: int = 0
    batches: int = 0


def replay_dead_letters(deployment: Deployment) -> Replayed:
    """Make the uploads of dead letters pending, and delete these messages.

    Parameters
    ----------
    deployment : Deployment
        Messages of another bucket than that of its uploads are refused.

    Raises
    ------
    JobError
        If the queue cannot be read, or the control folder not be written.
    """
    url = find_queue_url(deployment.dead_letter_queue)
    collector = Collector(deployment.pending, deployment.raw_bucket)
    total = Replayed()
    for messages in _receive_parts(url):
        records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in messages]
        collected = collector.collect(records)
        refused = set(collected.failed_ids)
        _delete_messages(url, [m for m in messages if m["MessageId"] not in refused])
        total = replace(
            total,
            uploads=total.uploads + collected.events,
            ignored=total.ignored + collected.ignored,
            refused=total.refused + len(refused),
        )
    return total


def _receive_parts(url: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the messages of a queue in parts, until it is empty."""
    part: list[dict[str, Any]] = []
    empty = 0
    while empty < _EMPTY_ANSWERS:
        answer = request(
            "the dead-letter queue cannot be read",
            get_client("sqs").receive_message,
            QueueUrl=url,
            MaxNumberOfMessages=_SQS_MESSAGES,
            VisibilityTimeout=_INVISIBLE_SECONDS,
            WaitTimeSeconds=1,
        )
        received = answer.get("Messages", [])
        empty = 0 if received else empty + 1
        part += received
        if len(part) >= _PART_EVENTS // 10:
            yield part
            part = []
    if part:
        yield part


def _delete_messages(url: str, messages: list[dict[str, Any]]) -> None:
    """Delete received messages; one that cannot be deleted is received and replayed again."""
    for begin in range(0, len(messages), _SQS_MESSAGES):
        entries = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(messages[begin : begin + _SQS_MESSAGES])
        ]
        request(
            "dead letters cannot be deleted",
            get_client("sqs").delete_message_batch,
            QueueUrl=url,
            Entries=entries,
        )


def replay_failed(deployment: Deployment) -> Replayed:
    """Let failed batches have another turn. It reads no manifest, which may hold PHI.

    Parameters
    ----------
    deployment : Deployment

    Raises
    ------
    JobError
        If the table of batches cannot be read or written.
    """
    failed = [b for b in deployment.table.list_batches() if b.state is BatchState.FAILED]
    for batch in failed:
        deployment.table.request_replay(batch.digest)
    return Replayed(uploads=sum(batch.objects for batch in failed), batches=len(failed))


def replay_listing(
    deployment: Deployment,
    uri: str,
    since: Optional[datetime] = None,
    until: Optional[datetime] = None,
) -> Replayed:
    """Make the objects of a prefix pending.

    Parameters
    ----------
    deployment : Deployment
    uri : str
        Prefix, ``s3://BUCKET/PREFIX``.
    since, until : datetime, optional
        Time span of the last modification, ``until`` excluded.

    Raises
    ------
    JobError
        If the bucket cannot be listed, or the control folder not be written.
    """
    location = parse_uri(uri)
    span = (_to_text(since) or "", _to_text(until) or "9")
    uploads = (
        UploadEvent(location.bucket, listed.key, etag=listed.etag, size=listed.size)
        for listed in _list_objects(location)
        if span[0] <= listed.modified[:19] < span[1]
    )
    return _add_parts(deployment, uploads)


def _to_text(time: Optional[datetime]) -> Optional[str]:
    """Return a time as the listing has it, without a fraction."""
    return f"{time:%Y-%m-%dT%H:%M:%S}" if time else None


def _list_objects(location: Location) -> Iterator[ListedObject]:
    token: Optional[str] = None
    while True:
        try:
            page = list_page(location.bucket, location.path, token=token)
        except Exception as error:  # classes of botocore
            raise JobError(describe_bucket_error(location.bucket, error_code(error))) from None
        yield from page.objects
        token = page.token
        if token is None:
            return


def replay_inventory(
    deployment: Deployment, uri: str, since: Optional[datetime] = None
) -> Replayed:
    """Make the objects of an S3 Inventory pending.

    Parameters
    ----------
    deployment : Deployment
    uri : str
        ``manifest.json`` of the inventory.
    since : datetime, optional
        Leave out objects that were modified before.

    Raises
    ------
    UsageError
        If the inventory cannot be read.
    JobError
        If the control folder cannot be written.
    """
    from jobs.common.sources.inventory import find_inventory_files
    from jobs.common.sources.source_table import iterate_sources

    begin = since.timestamp() if since else None
    uploads = (
        _from_source(source.uri, source.size, source.version)
        for file in find_inventory_files(uri)
        for table in file.read(begin)
        for source in iterate_sources(table)
    )
    return _add_parts(deployment, uploads)


def _from_source(uri: str, size: int, version: str) -> UploadEvent:
    location = parse_uri(uri)
    etag, version_id = split_version(version)
    return UploadEvent(location.bucket, location.path, version_id or "", etag, size)


def _add_parts(deployment: Deployment, uploads: Iterator[UploadEvent]) -> Replayed:
    """Make uploads pending, several thousand at a time."""
    added = ignored = 0
    while part := list(itertools.islice(uploads, _PART_EVENTS)):
        wanted = [upload for upload in part if upload.has_data]
        ignored += len(part) - len(wanted)
        added += deployment.pending.add(wanted)
    return Replayed(uploads=added, ignored=ignored)
