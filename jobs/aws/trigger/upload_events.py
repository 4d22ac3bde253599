"""Read the events of S3 from queue messages, and keep the newest event of each object.

S3 delivers each event at least once and in any order ("Amazon S3 Event Notifications" in the user
guide of Amazon S3). A key may hold PHI, so no error and no log line holds a part of a message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

#: Length to which sequencers are padded before they are compared.
_SEQUENCER_DIGITS = 64


class MessageError(Exception):
    """Raised if a message is not an event of S3; the text holds no part of the message."""


class ObjectKey(NamedTuple):
    """Bucket and key of an object. HOLDS PHI: a key may name a patient."""

    bucket: str
    key: str


@dataclass(frozen=True)
class UploadEvent:
    """One change of an object, as S3 reports it. HOLDS PHI: a key may name a patient.

    Attributes
    ----------
    bucket, key : str
        Object; the key is decoded.
    version_id : str
        Version ID; empty if the bucket is not versioned.
    etag : str
        ETag without quotation marks.
    size : int
        Bytes.
    sequencer : str
        Hexadecimal number that orders the events of one key.
    time : float
        Time of the event in seconds since the epoch. It orders events without a sequencer.
    removed : bool
        True if the object was deleted. With a version ID, only this version was deleted.
    """

    bucket: str
    key: str
    version_id: str = ""
    etag: str = ""
    size: int = 0
    sequencer: str = ""
    time: float = 0.0
    removed: bool = False

    @property
    def object_key(self) -> ObjectKey:
        """Return bucket and key."""
        return ObjectKey(self.bucket, self.key)

    @property
    def content(self) -> tuple[str, str]:
        """Return what identifies the content: version ID and ETag."""
        return self.version_id, self.etag

    @property
    def order(self) -> tuple[str, float]:
        """Return the sort key of the events of one object.

        "Right pad the shorter value with zeros, and then do a lexicographic comparison"
        ("Event message structure" in the user guide of Amazon S3).
        """
        return pad_sequencer(self.sequencer), self.time

    @property
    def has_data(self) -> bool:
        """Return whether the object has bytes and is not the marker of a folder."""
        return self.size > 0 and not self.key.endswith("/")


def pad_sequencer(sequencer: str) -> str:
    """Return a sequencer in a form that can be compared with others of the same key."""
    return sequencer.lower().ljust(_SEQUENCER_DIGITS, "0")


def read_message(body: str) -> list[UploadEvent]:
    """Return the events of one message.

    A message is an event of EventBridge, or a notification that S3 sends to a queue itself.

    Parameters
    ----------
    body : str
        Body of the message. HOLDS PHI.

    Returns
    -------
    list of UploadEvent
        Empty for the test message that S3 sends when a notification is configured.

    Raises
    ------
    MessageError
        If the message is anything else.
    """
    try:
        message = json.loads(body)
        if message.get("Event") == "s3:TestEvent":
            return []
        if "Records" in message:
            return [_read_notification(record) for record in message["Records"]]
        return [_read_event(message)]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise MessageError("the message is not an event of S3") from None


def _read_event(message: Mapping[str, Any]) -> UploadEvent:
    """Return an event of EventBridge ("Amazon S3 events" in the reference of EventBridge)."""
    kind = message["detail-type"]
    if message["source"] != "aws.s3" or kind not in ("Object Created", "Object Deleted"):
        raise ValueError
    detail = message["detail"]
    changed = detail["object"]
    is_marker = detail.get("deletion-type") == "Delete Marker Created"
    return _make_event(
        detail["bucket"]["name"],
        changed["key"],
        version_id=None if is_marker else changed.get("version-id"),
        etag=changed.get("etag") or changed.get("eTag"),  # moto writes eTag
        size=changed.get("size"),
        sequencer=changed.get("sequencer"),
        time=message.get("time"),
        removed=kind == "Object Deleted",
    )


def _read_notification(record: Mapping[str, Any]) -> UploadEvent:
    """Return an event of a notification, whose keys are URL-encoded."""
    name = record["eventName"].removeprefix("s3:")
    if record["eventSource"] != "aws:s3" or not name.startswith(("ObjectCreated", "ObjectRemoved")):
        raise ValueError
    changed = record["s3"]["object"]
    return _make_event(
        record["s3"]["bucket"]["name"],
        unquote_plus(changed["key"]),
        version_id=None if "DeleteMarkerCreated" in name else changed.get("versionId"),
        etag=changed.get("eTag"),
        size=changed.get("size"),
        sequencer=changed.get("sequencer"),
        time=record.get("eventTime"),
        removed=name.startswith("ObjectRemoved"),
    )


def _make_event(
    bucket: object,
    key: object,
    *,
    version_id: object,
    etag: object,
    size: object,
    sequencer: object,
    time: object,
    removed: bool,
) -> UploadEvent:
    """Return an event of checked values.

    Raises
    ------
    ValueError
        If a value is missing, has another type, or is not Unicode text.
    """
    if not isinstance(bucket, str) or not isinstance(key, str) or not bucket or not key:
        raise ValueError
    if not removed and (not isinstance(size, int) or not isinstance(etag, str) or not etag):
        raise ValueError
    texts = (version_id, etag, sequencer)
    if not all(text is None or isinstance(text, str) for text in texts):
        raise ValueError
    version, tag, order = (str(text or "") for text in texts)
    f"{bucket}{key}{version}{tag}{order}".encode()  # raises for half of a surrogate pair
    return UploadEvent(
        bucket=bucket,
        key=key,
        version_id="" if version == "null" else version,
        etag=tag.strip('"'),
        size=size if isinstance(size, int) else 0,
        sequencer=order,
        time=_read_time(time),
        removed=removed,
    )


def _read_time(time: object) -> float:
    """Return a time in seconds since the epoch; 0 if there is none."""
    if isinstance(time, (int, float)):
        return float(time)
    if not isinstance(time, str):
        return 0.0
    read = datetime.fromisoformat(time.replace("Z", "+00:00"))
    return read.replace(tzinfo=read.tzinfo or timezone.utc).timestamp()


def keep_newest(events: Iterable[UploadEvent]) -> dict[ObjectKey, UploadEvent]:
    """Return the newest event of each object, whatever the order of the events.

    The deletion of a version leaves the other versions as they are.

    Parameters
    ----------
    events : iterable of UploadEvent
        Events in any order, repeated ones included.
    """
    changes, deleted_versions = [], set()
    for event in events:
        if event.removed and event.version_id:
            deleted_versions.add((event.object_key, event.version_id))
        else:
            changes.append(event)
    newest: dict[ObjectKey, UploadEvent] = {}
    for event in changes:
        known = newest.get(event.object_key)
        is_deleted = (event.object_key, event.version_id) in deleted_versions
        if not is_deleted and (known is None or event.order > known.order):
            newest[event.object_key] = event
    return newest
