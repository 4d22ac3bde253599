from __future__ import annotations

import os
import signal

import pytest

from jobs.common.spark.crash_isolation import in_child, worker_died
from safelight.records import Reason, Refusal


def test_a_child_gives_what_the_function_gives() -> None:
    assert in_child(lambda: (os.getpid() != parent, b"x" * 300_000)) == (True, b"x" * 300_000)


parent = os.getpid()


def test_what_the_function_raises_is_raised_here() -> None:
    def refuse() -> None:
        raise Refusal(Reason.NO_DECODER, "no decoder")

    with pytest.raises(Refusal) as raised:
        in_child(refuse)
    assert raised.value.reason is Reason.NO_DECODER


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_dies_is_a_refusal(end: signal.Signals) -> None:
    with pytest.raises(Refusal) as raised:
        in_child(lambda: os.kill(os.getpid(), end))
    assert raised.value.reason is Reason.INTERNAL_ERROR


def test_only_a_dead_worker_is_taken_for_one() -> None:
    assert worker_died(RuntimeError("Job aborted: Python worker exited unexpectedly (crashed)"))
    assert not worker_died(RuntimeError("OutputError: PermissionError"))
