from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jobs.aws.submit.launchers.base import Outcome, RunState, SubmittedRun
from jobs.aws.submit.waiting import MAX_FAILED_POLLS, POLL_SECONDS, FinishedRun, wait_for_end
from jobs.common.cli.errors import JobError

RUN = SubmittedRun("emr-serverless", "1", "safelight-deidentify-x", "s3://logs/")
LINE = json.dumps({"run_id": "x", "quarantined": 0})
_QUARANTINED = json.dumps({"run_id": "x", "quarantined": 2})
_ERROR = json.dumps({"run_id": "x", "quarantined": 2, "error": "…"})


class _Service:
    """Service with a clock that moves with each pause."""

    log_delay_seconds = 60.0

    def __init__(
        self, states: list[RunState | JobError], outputs: list[str | JobError | None]
    ) -> None:
        self.states, self.outputs, self.now = states, outputs, 0.0

    def check(self, parameters: Mapping[str, Any]) -> None:
        raise AssertionError

    def start(self, parameters: Mapping[str, Any]) -> SubmittedRun:
        raise AssertionError

    def read_state(self, run: SubmittedRun) -> RunState:
        state = self.states.pop(0)
        if isinstance(state, JobError):
            raise state
        return state

    def read_output(self, run: SubmittedRun) -> str | None:
        output = self.outputs.pop(0) if self.outputs else None
        if isinstance(output, JobError):
            raise output
        return output

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def wait(self) -> FinishedRun:
        return wait_for_end(self, RUN, self.pause, lambda: self.now)


def test_each_new_state_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    states: list[RunState | JobError] = [
        RunState(name) for name in ("QUEUED", "QUEUED", "RUNNING", "RUNNING")
    ]
    service = _Service([*states, RunState("SUCCESS", Outcome.SUCCEEDED)], [LINE])
    assert service.wait() == FinishedRun(RunState("SUCCESS", Outcome.SUCCEEDED), LINE, 0)
    assert capsys.readouterr().err.splitlines() == [
        "safelight-deidentify-x: QUEUED after 0 s",
        "safelight-deidentify-x: RUNNING after 30 s",
        "safelight-deidentify-x: SUCCESS after 60 s",
    ]


def test_long_state_is_reported_every_five_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    states: list[RunState | JobError] = [RunState("RUNNING")] * 41
    _Service([*states, RunState("SUCCESS", Outcome.SUCCEEDED)], [LINE]).wait()
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[-2] for line in lines] == ["0", "300", "600", "615"]


def test_throttled_service_is_asked_again() -> None:
    error = JobError("the state cannot be read (ThrottlingException)")
    end = RunState("SUCCESS", Outcome.SUCCEEDED)
    some = [error] * (MAX_FAILED_POLLS - 1)
    assert _Service([*some, RunState("RUNNING"), *some, end], [LINE]).wait().exit_code == 0
    with pytest.raises(JobError, match="ThrottlingException"):
        _Service([*some, error, end], [LINE]).wait()


def test_output_that_is_stored_later_is_found() -> None:
    service = _Service([RunState("SUCCESS", Outcome.SUCCEEDED)], [None, "no line yet", LINE])
    assert service.wait().last_line == LINE
    assert service.now == 2 * POLL_SECONDS


def test_unreadable_output_is_no_failure_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    error = JobError("the logs cannot be read (AccessDenied)")
    finished = _Service([RunState("SUCCESS", Outcome.SUCCEEDED)], [error]).wait()
    assert (finished.last_line, finished.exit_code) == (None, 0)
    assert "the logs cannot be read (AccessDenied)" in capsys.readouterr().err


def test_wait_for_the_output_ends() -> None:
    service = _Service([RunState("SUCCESS", Outcome.SUCCEEDED)], [])
    finished = service.wait()
    assert finished.last_line is None and finished.exit_code == 0
    assert service.now == service.log_delay_seconds


@pytest.mark.parametrize(
    ("reported", "line", "code"),
    [
        (1, LINE, 1),
        (2, None, 2),
        (3, _QUARANTINED, 3),
        (137, LINE, 1),
        (None, _QUARANTINED, 3),
        (None, _ERROR, 1),
        (None, None, 1),
    ],
)
def test_exit_code_is_that_of_the_run(reported: int | None, line: str | None, code: int) -> None:
    state = RunState("FAILED", Outcome.FAILED, reported)
    assert _Service([state], [line]).wait().exit_code == code
