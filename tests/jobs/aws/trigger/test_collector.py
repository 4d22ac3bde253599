from __future__ import annotations

import pytest

from jobs.aws.trigger.collector import Collected, Collector
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.pending_events import PendingEvents
from tests.jobs.aws.trigger.events import bridge_message, event, sqs_record


@pytest.fixture
def pending(folder: ControlFolder) -> PendingEvents:
    return PendingEvents(folder)


def test_markers_empty_objects_and_other_prefixes_are_ignored(pending: PendingEvents) -> None:
    events = [
        event("in/a.dcm"), event("in/b/"), event("in/c.dcm", size=0), event("out/a.dcm"),
        event("in/d.dcm", size=0, etag="", removed=True),
    ]  # fmt: skip
    records = [sqs_record(bridge_message(each)) for each in events]
    assert Collector(pending, "raw", "in/").collect(records) == Collected(2, 3, ())
    (file,) = pending.list_files()
    assert {e.key for e in pending.read([file])} == {"in/a.dcm", "in/d.dcm"}


def test_other_messages_are_named_and_the_rest_is_collected(pending: PendingEvents) -> None:
    records = [
        sqs_record("JANE DOE", "poison"),
        sqs_record(bridge_message(event()), "good"),
        sqs_record(bridge_message(event(bucket="another")), "foreign"),
    ]
    collected = Collector(pending, "raw").collect(records)
    assert collected == Collected(1, 0, ("poison", "foreign"))


def test_a_message_that_is_delivered_twice_is_one_event(pending: PendingEvents) -> None:
    record = sqs_record(bridge_message(event()))
    assert Collector(pending, "raw").collect([record, record]).events == 1
