from __future__ import annotations

import pytest

from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.pending_events import PendingEvents, PendingFile, is_due, take_oldest
from jobs.aws.trigger.settings import BatchLimits
from tests.jobs.aws.trigger.events import event

LIMITS = BatchLimits(max_objects=10, max_age_seconds=900, quiet_seconds=120)


@pytest.fixture
def pending(folder: ControlFolder) -> PendingEvents:
    return PendingEvents(folder)


def test_events_are_read_as_they_were_added(pending: PendingEvents) -> None:
    events = [event("in/a, b\n.dcm", version_id="v", time=1.5), event("in/é.dcm", removed=True)]
    assert pending.add(events) == 2
    (file,) = pending.list_files()
    assert file.events == 2
    assert set(pending.read([file])) == set(events)


def test_a_repeated_invocation_writes_nothing(pending: PendingEvents) -> None:
    pending.add([event("in/a.dcm"), event("in/b.dcm")])
    first = pending.list_files()
    pending.add([event("in/b.dcm"), event("in/a.dcm"), event("in/a.dcm")])
    assert pending.list_files() == first


def test_no_events_write_no_file(pending: PendingEvents) -> None:
    assert pending.add([]) == 0
    assert pending.list_files() == []


def test_more_files_than_a_page_are_listed_and_removed(
    pending: PendingEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.aws.trigger.control_folder._DELETE_KEYS", 2)
    for number in range(5):
        pending.add([event(f"in/{number}.dcm")])
    files = pending.list_files()
    assert len(files) == 5
    pending.remove(files[:4])
    assert pending.list_files() == files[4:]


@pytest.mark.parametrize(
    "files, due",
    [
        ([], False),
        ([(1, 0)], False),
        ([(1, 119)], False),
        ([(1, 120)], True),
        ([(1, 899), (1, 0)], False),
        ([(1, 900), (1, 0)], True),
        ([(5, 0), (4, 0)], False),
        ([(5, 0), (5, 0)], True),
    ],
)
def test_a_batch_is_due_by_count_age_or_silence(files: list[tuple[int, int]], due: bool) -> None:
    now = 10_000.0
    pending = [PendingFile("pending/x", events, now - age) for events, age in files]
    assert is_due(pending, LIMITS, now) is due


def test_a_batch_takes_the_oldest_files_up_to_its_limit() -> None:
    files = [PendingFile(f"pending/{number}", 4, float(number)) for number in range(4)]
    assert take_oldest(files, 10) == files[:2]
    assert take_oldest(files, 1) == files[:1]
