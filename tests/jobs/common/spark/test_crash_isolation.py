from __future__ import annotations

import os
import signal

import pytest

from jobs.common.spark.crash_isolation import is_worker_crash, run_in_child_process
from safelight.records import Reason, Refusal


def test_a_child_gives_what_the_function_gives() -> None:
    assert run_in_child_process(lambda: (os.getpid() != parent, b"x" * 300_000)) == (
        True,
        b"x" * 300_000,
    )


parent = os.getpid()


def test_what_the_function_raises_is_raised_here() -> None:
    def refuse() -> None:
        raise Refusal(Reason.NO_DECODER, "no decoder")

    with pytest.raises(Refusal) as raised:
        run_in_child_process(refuse)
    assert raised.value.reason is Reason.NO_DECODER


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_dies_is_a_refusal(end: signal.Signals) -> None:
    with pytest.raises(Refusal) as raised:
        run_in_child_process(lambda: os.kill(os.getpid(), end))
    assert raised.value.reason is Reason.INTERNAL_ERROR


def test_only_a_dead_worker_is_taken_for_one() -> None:
    assert is_worker_crash(RuntimeError("Job aborted: Python worker exited unexpectedly (crashed)"))
    assert not is_worker_crash(RuntimeError("OutputError: PermissionError"))
