from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from jobs.common.spark.crash_isolation import is_worker_crash, run_in_child_process
from safelight.records import Reason, Refusal

PARENT = os.getpid()


def test_a_child_gives_what_the_function_gives() -> None:
    answer = run_in_child_process(lambda: (os.getpid() != PARENT, b"x" * 3_000_000), 60)
    assert answer == (True, b"x" * 3_000_000)


def test_a_refusal_of_the_function_is_raised_here() -> None:
    def refuse() -> None:
        raise Refusal(Reason.NO_DECODER, "no decoder")

    with pytest.raises(Refusal) as raised:
        run_in_child_process(refuse, 60)
    assert raised.value.reason is Reason.NO_DECODER


def test_another_error_is_raised_as_a_refusal_with_its_place() -> None:
    def fail() -> None:
        raise KeyError("Doe^Jane")

    with pytest.raises(Refusal) as raised:
        run_in_child_process(fail, 60)
    assert raised.value.reason is Reason.INTERNAL_ERROR
    assert raised.value.sentence.startswith("KeyError at test_crash_isolation:")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), Reason.DECODER_CRASH),
        (lambda: os.kill(os.getpid(), signal.SIGABRT), Reason.DECODER_CRASH),
        (lambda: os._exit(9), Reason.DECODER_CRASH),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), Reason.OBJECT_MEMORY),
        (lambda: os.kill(os.getpid(), signal.SIGALRM), Reason.OBJECT_TIMEOUT),
    ],
)
def test_the_end_of_a_child_gives_the_reason(end: object, reason: Reason) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    with pytest.raises(Refusal) as raised:
        run_in_child_process(end, 60)  # type: ignore[arg-type]
    assert raised.value.reason is reason


def test_a_late_child_is_ended() -> None:
    with pytest.raises(Refusal) as raised:
        run_in_child_process(lambda: time.sleep(3600), 0.2)
    assert raised.value.reason is Reason.OBJECT_TIMEOUT


def test_processes_of_a_child_end_with_it() -> None:
    child = run_in_child_process(lambda: subprocess.Popen(["sleep", "3600"]).pid, 60)
    for _ in range(500):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if open(f"/proc/{child}/stat").read().split()[2] == "Z":
            return
        time.sleep(0.01)
    pytest.fail("the process that the child started is still there")


def test_only_a_dead_worker_is_taken_for_one() -> None:
    assert is_worker_crash(RuntimeError("Job aborted: Python worker exited unexpectedly (crashed)"))
    assert not is_worker_crash(RuntimeError("OutputError: PermissionError"))
