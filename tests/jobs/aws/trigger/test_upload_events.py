from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from jobs.aws.trigger.upload_events import (
    MessageError,
    UploadEvent,
    keep_newest,
    read_message,
)
from tests.jobs.aws.trigger.events import bridge_message, event, notification_message


def test_an_event_of_eventbridge_is_read() -> None:
    sent = event("in/Müller, Anna.dcm", version_id="v1")
    (read,) = read_message(bridge_message(sent))
    assert replace(read, time=0.0) == sent
    assert read.time > 0


def test_the_key_of_a_notification_is_decoded() -> None:
    sent = event("in/Müller Anna+1.dcm", version_id="v1")
    (read,) = read_message(notification_message(sent))
    assert replace(read, time=0.0) == sent


def test_the_etag_may_be_spelt_as_in_notifications() -> None:
    message = json.loads(bridge_message(event(etag="")))
    message["detail"]["object"]["eTag"] = "0b"
    assert read_message(json.dumps(message))[0].etag == "0b"


def test_a_bucket_without_versions_has_no_version_id() -> None:
    (read,) = read_message(bridge_message(event(version_id="null")))
    assert read.version_id == ""


def test_the_test_message_of_s3_has_no_events() -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "raw"})
    assert read_message(body) == []


def change(**fields: object) -> str:
    """Return a message with other values in its object."""
    message = json.loads(bridge_message(event()))
    message["detail"]["object"] |= fields
    return json.dumps(message)


@pytest.mark.parametrize(
    "body",
    [
        "", "JANE DOE", "[]", "null", "1", "{}", "[" * 100_000, '{"Records": 1}',
        '{"Records": [1]}',
        '{"source": "aws.s3", "detail-type": "Object Created"}',
        json.dumps({**json.loads(bridge_message(event())), "source": "aws.ec2"}),
        json.dumps({**json.loads(bridge_message(event())), "detail-type": "Object Tags Added"}),
        json.dumps({**json.loads(bridge_message(event())), "time": "yesterday"}),
        change(key=""), change(key=None), change(key=7), change(key="\ud800"),
        change(size="large"), change(size=None), change(etag=None), change(etag=5),
        change(sequencer=5), change(**{"version-id": {}}),
    ],
)  # fmt: skip
def test_another_message_is_refused_without_its_content(body: str) -> None:
    with pytest.raises(MessageError) as raised:
        read_message(body)
    assert str(raised.value) == "the message is not an event of S3"
    assert raised.value.__cause__ is None and raised.value.__suppress_context__


@pytest.mark.parametrize("size, key, has_data", [(1, "a", True), (0, "a", False), (1, "a/", False)])
def test_markers_and_empty_objects_have_no_data(size: int, key: str, has_data: bool) -> None:
    assert event(key, size=size).has_data is has_data


def test_the_newest_event_wins_in_any_order() -> None:
    events = [
        event(etag="0a", sequencer="00A"),
        event(etag="0b", sequencer="00b"),
        event(etag="0c", sequencer="00b1"),
        event(removed=True, etag="", size=0, sequencer="00AF"),
        event("in/other.dcm", sequencer="99"),
    ]
    for order in itertools.permutations(events):
        newest = keep_newest([*order, order[0]])
        assert {e.etag for e in newest.values() if e.key == "in/a.dcm"} == {"0c"}
        assert len(newest) == 2


def test_a_shorter_sequencer_is_padded_on_the_right() -> None:
    older, newer = event(etag="0a", sequencer="0"), event(etag="0b", sequencer="001")
    assert keep_newest([newer, older])[newer.object_key] == newer


def test_a_deletion_wins_over_an_older_upload() -> None:
    deletion = event(removed=True, etag="", size=0, sequencer="02")
    assert keep_newest([deletion, event()])[deletion.object_key].removed


def test_a_deleted_version_leaves_the_others() -> None:
    first = event(version_id="v1", etag="0a", sequencer="01")
    second = event(version_id="v2", etag="0b", sequencer="02")
    deletions = {
        version: event(version_id=version, removed=True, etag="", size=0, sequencer="03")
        for version in ("v1", "v2")
    }
    assert keep_newest([deletions["v1"], second, first])[first.object_key] == second
    assert keep_newest([deletions["v2"], second, first])[first.object_key] == first
    assert keep_newest([first, *deletions.values(), second]) == {}


@pytest.mark.parametrize("write", [bridge_message, notification_message])
def test_a_delete_marker_removes_the_object(write: Callable[[UploadEvent], str]) -> None:
    marker = write(event(version_id="marker", removed=True, etag="", size=0, sequencer="02"))
    if write is bridge_message:
        message = json.loads(marker)
        message["detail"]["deletion-type"] = "Delete Marker Created"
        marker = json.dumps(message)
    marker = marker.replace("ObjectRemoved:Delete", "ObjectRemoved:DeleteMarkerCreated")
    (deletion,) = read_message(marker)
    upload = event(version_id="v1", sequencer="01")
    assert keep_newest([deletion, upload])[upload.object_key].removed


def test_events_without_sequencer_are_ordered_by_time() -> None:
    older, newer = event(sequencer="", time=1.0), event(sequencer="", time=2.0, etag="0b")
    assert keep_newest([newer, older])[newer.object_key] == newer
