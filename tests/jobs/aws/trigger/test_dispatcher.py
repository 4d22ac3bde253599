from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from jobs.aws.trigger.batch_table import Batch, BatchState, BatchTable, Turn
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.dispatcher import Decision, Dispatcher
from jobs.aws.trigger.manifest import manifest_name, read_manifest
from jobs.aws.trigger.pending_events import PendingEvents
from jobs.aws.trigger.runs import RunState, make_client_token, make_run_id
from jobs.aws.trigger.settings import BatchLimits
from jobs.common.cli.errors import JobError
from tests.jobs.aws.trigger.events import event

LIMITS = BatchLimits(max_objects=100, max_age_seconds=900, quiet_seconds=0, max_attempts=3)
SECONDS = 60.0


@dataclass
class TokenRuns:
    """Service that starts one run per client token, as EMR Serverless does and moto does not."""

    states: dict[str, RunState] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    error: str = ""

    def start(self, batch: Batch, manifest_uri: str) -> str:
        if self.error:
            raise JobError(self.error)
        token = make_client_token(batch)
        self.requests.append((token, make_run_id(batch), manifest_uri))
        self.states.setdefault(token, RunState.ACTIVE)
        return token

    def get_state(self, job_run_id: str) -> RunState:
        return self.states[job_run_id]

    def end_all(self, state: RunState) -> None:
        """End the active runs."""
        for name, known in self.states.items():
            if known is RunState.ACTIVE:
                self.states[name] = state


@dataclass
class Trigger:
    """A trigger, whose clock and lease the test sets."""

    folder: ControlFolder
    table: BatchTable
    runs: TokenRuns = field(default_factory=TokenRuns)
    leased: bool = False
    limits: BatchLimits = LIMITS
    later: float = 0.0

    @property
    def pending(self) -> PendingEvents:
        return PendingEvents(self.folder)

    def dispatch(self) -> Decision:
        import time

        dispatcher = Dispatcher(
            self.folder, self.table, self.runs, self.limits, lambda: self.leased,
            lambda: time.time() + self.later,
        )  # fmt: skip
        return dispatcher.dispatch("one", SECONDS)

    def keys(self, digest: str | None) -> list[str]:
        """Return the keys that the manifest of a batch names."""
        assert digest is not None
        return [name.key for name in read_manifest(self.folder.read(manifest_name(digest)))]

    @property
    def current(self) -> Batch:
        """Return the batch that has the turn."""
        digest = self.table.read_turn().current
        assert digest is not None
        batch = self.table.get(digest)
        assert batch is not None
        return batch


@pytest.fixture
def trigger(folder: ControlFolder, table: BatchTable) -> Trigger:
    return Trigger(folder, table)


def test_nothing_pending_starts_nothing(trigger: Trigger) -> None:
    assert trigger.dispatch() is Decision.COLLECTING
    assert trigger.runs.requests == []


def test_uploads_become_one_run(trigger: Trigger) -> None:
    trigger.pending.add([event("in/a.dcm"), event("in/b.dcm")])
    trigger.pending.add([event("in/c.dcm")])
    assert trigger.dispatch() is Decision.STARTED
    ((token, run_id, uri),) = trigger.runs.requests
    assert token == trigger.current.digest
    assert run_id == f"upload-{token[:16]}"
    assert uri == trigger.folder.locate(f"batches/{token}.csv").uri
    assert trigger.keys(token) == ["in/a.dcm", "in/b.dcm", "in/c.dcm"]
    assert trigger.pending.list_files() == []
    assert trigger.current.state is BatchState.STARTED


def test_uploads_wait_until_the_batch_is_due(trigger: Trigger) -> None:
    trigger.limits = BatchLimits(quiet_seconds=60, max_age_seconds=900)
    trigger.pending.add([event()])
    assert trigger.dispatch() is Decision.COLLECTING
    trigger.later = 61
    assert trigger.dispatch() is Decision.STARTED


def test_a_second_batch_waits_for_the_run_and_is_not_lost(trigger: Trigger) -> None:
    trigger.pending.add([event("in/a.dcm")])
    trigger.dispatch()
    trigger.pending.add([event("in/b.dcm")])
    assert trigger.dispatch() is Decision.WAITING
    assert len(trigger.runs.requests) == 1
    trigger.runs.end_all(RunState.SUCCEEDED)
    assert trigger.dispatch() is Decision.STARTED
    assert trigger.keys(trigger.current.digest) == ["in/b.dcm"]


def test_uploads_wait_for_the_lease_of_another_run(trigger: Trigger) -> None:
    trigger.leased = True
    trigger.pending.add([event()])
    assert trigger.dispatch() is Decision.WAITING
    trigger.leased = False
    assert trigger.dispatch() is Decision.STARTED


def test_one_invocation_at_a_time_decides(trigger: Trigger, table: BatchTable) -> None:
    import time

    trigger.pending.add([event()])
    table.lock("another", time.time(), SECONDS)
    assert trigger.dispatch() is Decision.BUSY
    assert trigger.runs.requests == []


def test_deleted_and_overwritten_uploads_are_left_out(trigger: Trigger) -> None:
    trigger.pending.add([event("in/a.dcm"), event("in/b.dcm", etag="0b", sequencer="02")])
    trigger.pending.add([event("in/a.dcm", sequencer="03", removed=True), event("in/b.dcm")])
    trigger.dispatch()
    content = trigger.folder.read(manifest_name(trigger.current.digest))
    assert [(k.key, v.content) for k, v in read_manifest(content).items()] == [
        ("in/b.dcm", ("", "0b"))
    ]


def test_only_deletions_start_nothing(trigger: Trigger) -> None:
    trigger.pending.add([event(), event(sequencer="02", removed=True)])
    assert trigger.dispatch() is Decision.COLLECTING
    assert trigger.pending.list_files() == []
    assert trigger.runs.requests == []


def test_redelivered_events_start_no_second_run(trigger: Trigger) -> None:
    events = [event("in/a.dcm"), event("in/b.dcm")]
    trigger.pending.add(events)
    trigger.dispatch()
    trigger.pending.add(events)
    trigger.runs.end_all(RunState.SUCCEEDED)
    assert trigger.dispatch() is Decision.COLLECTING
    trigger.pending.add(events[:1])
    trigger.pending.add([event("in/c.dcm")])
    assert trigger.dispatch() is Decision.STARTED
    assert trigger.keys(trigger.current.digest) == ["in/c.dcm"]


def test_a_batch_of_long_ago_is_not_repeated(trigger: Trigger) -> None:
    for key in ("in/a.dcm", "in/b.dcm", "in/a.dcm"):
        trigger.pending.add([event(key)])
        trigger.dispatch()
        trigger.runs.end_all(RunState.SUCCEEDED)
    assert trigger.dispatch() is Decision.COLLECTING
    assert len(trigger.runs.requests) == 2
    assert trigger.pending.list_files() == []


def test_a_deleted_manifest_of_the_previous_batch_is_no_error(trigger: Trigger) -> None:
    trigger.pending.add([event("in/a.dcm")])
    trigger.dispatch()
    trigger.folder.delete([manifest_name(trigger.current.digest)])
    trigger.runs.end_all(RunState.SUCCEEDED)
    trigger.pending.add([event("in/b.dcm")])
    assert trigger.dispatch() is Decision.STARTED


def test_a_full_batch_leaves_the_newest_events_pending(trigger: Trigger) -> None:
    trigger.limits = BatchLimits(max_objects=3, max_age_seconds=900, quiet_seconds=900)
    for number in range(3):
        trigger.pending.add([event(f"in/{number}a.dcm"), event(f"in/{number}b.dcm")])
    assert trigger.dispatch() is Decision.STARTED
    assert trigger.current.objects == 2
    assert len(trigger.pending.list_files()) == 2


def test_a_failed_run_is_started_again_under_another_token(trigger: Trigger) -> None:
    trigger.pending.add([event()])
    trigger.dispatch()
    for _ in range(2):
        trigger.runs.end_all(RunState.FAILED)
        assert trigger.dispatch() is Decision.STARTED
    assert len(trigger.runs.states) == 3
    assert len({run_id for _, run_id, _ in trigger.runs.requests}) == 1
    trigger.runs.end_all(RunState.FAILED)
    assert trigger.dispatch() is Decision.COLLECTING
    (batch,) = trigger.table.list_batches()
    assert (batch.state, batch.failures) == (BatchState.FAILED, 3)
    assert trigger.table.read_turn() == Turn()


def test_a_failed_batch_does_not_stop_the_next_one(trigger: Trigger) -> None:
    trigger.limits = BatchLimits(quiet_seconds=0, max_attempts=1)
    trigger.pending.add([event("in/a.dcm")])
    trigger.dispatch()
    trigger.runs.end_all(RunState.FAILED)
    trigger.pending.add([event("in/b.dcm")])
    assert trigger.dispatch() is Decision.STARTED
    assert trigger.keys(trigger.current.digest) == ["in/b.dcm"]


def test_a_failed_batch_is_repeated_on_request(trigger: Trigger) -> None:
    trigger.limits = BatchLimits(quiet_seconds=0, max_attempts=1)
    trigger.pending.add([event("in/a.dcm")])
    trigger.dispatch()
    digest = trigger.current.digest
    trigger.runs.end_all(RunState.FAILED)
    trigger.dispatch()
    trigger.table.request_replay(digest)
    trigger.table.request_replay("e" * 64)  # is not known
    trigger.pending.add([event("in/b.dcm")])
    assert trigger.dispatch() is Decision.STARTED
    assert (trigger.current.digest, trigger.current.attempt) == (digest, 2)
    trigger.runs.end_all(RunState.SUCCEEDED)
    assert trigger.dispatch() is Decision.STARTED
    assert trigger.table.read_turn().replays == ()
    assert trigger.keys(trigger.current.digest) == ["in/b.dcm"]


def test_uploads_of_a_failed_batch_can_be_repeated(trigger: Trigger) -> None:
    trigger.limits = BatchLimits(quiet_seconds=0, max_attempts=1)
    trigger.pending.add([event()])
    trigger.dispatch()
    trigger.runs.end_all(RunState.FAILED)
    trigger.dispatch()
    trigger.pending.add([event()])
    assert trigger.dispatch() is Decision.STARTED
    assert trigger.current.attempt == 2
    assert len(trigger.runs.states) == 2


def test_a_refused_run_is_started_by_a_later_invocation(trigger: Trigger) -> None:
    trigger.pending.add([event()])
    trigger.runs.error = "the run of a batch cannot be started (ThrottlingException)"
    with pytest.raises(JobError, match="ThrottlingException"):
        trigger.dispatch()
    assert trigger.current.state is BatchState.PLANNED
    trigger.runs.error = ""
    assert trigger.dispatch() is Decision.STARTED
    assert trigger.current.attempt == 1


class KilledError(Exception):
    """Ends an invocation anywhere, as Lambda does at its time limit."""


#: Steps of a decision, by class and method.
STEPS: tuple[tuple[type, str], ...] = (
    (BatchTable, "lock"), (PendingEvents, "list_files"), (ControlFolder, "write_new"),
    (BatchTable, "add"), (TokenRuns, "start"), (BatchTable, "update"), (PendingEvents, "remove"),
)  # fmt: skip


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("owner, name", STEPS)
def test_an_invocation_that_ends_anywhere_is_completed_by_the_next(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, after: bool
) -> None:
    keys = ["in/a.dcm", "in/b.dcm"]
    trigger.pending.add([event(key) for key in keys])
    step: Callable[..., Any] = getattr(owner, name)

    def fail(*arguments: Any) -> None:
        if after:
            step(*arguments)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        patch.setattr(BatchTable, "unlock", lambda *_: None)
        with pytest.raises(KilledError):
            trigger.dispatch()
    trigger.later = SECONDS + 1  # the lock has expired
    trigger.dispatch()
    assert trigger.keys(trigger.current.digest) == keys
    trigger.runs.end_all(RunState.SUCCEEDED)
    assert trigger.dispatch() is Decision.COLLECTING
    assert trigger.pending.list_files() == []
    assert len(trigger.runs.states) == 1
    (batch,) = trigger.table.list_batches()
    assert batch.state is BatchState.DONE
