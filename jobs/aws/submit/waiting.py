"""Wait for the end of a run, with its progress on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from jobs.aws.submit.driver_output import find_last_line, parse_last_line
from jobs.aws.submit.launchers.base import Launcher, Outcome, RunState, SubmittedRun
from jobs.common.cli.errors import JobError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event

#: Pause between two questions for the state. The rate of all services is higher.
POLL_SECONDS = 15.0

#: Pause between two lines about a run whose state does not change.
_REPORT_SECONDS = 300.0


#: Questions in a row that may fail before the wait ends: a throttled service answers again, and the
#: run continues without this program.
MAX_FAILED_POLLS = 8


@dataclass(frozen=True)
class FinishedRun:
    """End of a run.

    Attributes
    ----------
    state : RunState
        Last state.
    last_line : str or None
        Last line of stdout of the run; ``None`` if there is none.
    exit_code : int
        Exit code for the caller.
    """

    state: RunState
    last_line: str | None
    exit_code: int


def wait_for_end(
    launcher: Launcher,
    run: SubmittedRun,
    pause: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> FinishedRun:
    """Wait until a run has ended and its output is stored.

    Parameters
    ----------
    launcher : Launcher
        Launcher of the service.
    run : SubmittedRun
        Run to wait for.
    pause : callable
        Function that waits for a number of seconds.
    clock : callable
        Function that returns a time in seconds.

    Returns
    -------
    FinishedRun
        End of the run.

    Raises
    ------
    JobError
        If the service does not answer several times in a row.
    """
    state = _wait_for_outcome(launcher, run, pause, clock)
    line = _wait_for_last_line(launcher, run, pause, clock)
    return FinishedRun(state, line, _exit_code(state, line))


def _wait_for_outcome(
    launcher: Launcher,
    run: SubmittedRun,
    pause: Callable[[float], object],
    clock: Callable[[], float],
) -> RunState:
    """Return the last state of a run; report each new state, and the time every five minutes."""
    started = reported = clock()
    name, failed = "", 0
    while True:
        try:
            state = launcher.read_state(run)
        except JobError:
            failed += 1
            if failed == MAX_FAILED_POLLS:
                raise
            pause(POLL_SECONDS)
            continue
        failed, now = 0, clock()
        if state.name != name or now - reported >= _REPORT_SECONDS:
            seconds = int(now - started)
            log_event(
                "submitted_run",
                f"{run.name}: {state.name} after {seconds} s",
                status=state.name,
                seconds=seconds,
            )
            name, reported = state.name, now
        if state.outcome is not None:
            return state
        pause(POLL_SECONDS)


def _wait_for_last_line(
    launcher: Launcher,
    run: SubmittedRun,
    pause: Callable[[float], object],
    clock: Callable[[], float],
) -> str | None:
    """Return the last line of the run; services store logs some time after the end of a run.

    A caller without permission to read the logs gets no last line. The run has not failed then.
    """
    end = clock() + launcher.log_delay_seconds
    while True:
        try:
            line = find_last_line(launcher.read_output(run))
        except JobError as error:
            log_event("log_unreadable", str(error))
            return None
        if line is not None or clock() >= end:
            return line
        pause(POLL_SECONDS)


def _exit_code(state: RunState, line: str | None) -> int:
    """Return the exit code of a run; services that do not report it say only that it failed."""
    if state.outcome is Outcome.SUCCEEDED:
        return ExitCode.DONE
    if state.exit_code in (ExitCode.FAILED, ExitCode.USAGE, ExitCode.QUARANTINED):
        return ExitCode(state.exit_code)
    summary = parse_last_line(line)
    if state.exit_code is None and summary.get("quarantined") and "error" not in summary:
        return ExitCode.QUARANTINED
    return ExitCode.FAILED
