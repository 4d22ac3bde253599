from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from safelight.child_process import run_in_child_process
from safelight.records import Finding, Reason, Refusal, Result, Status

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
    assert raised.value.sentence.startswith("KeyError at test_child_process:")


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


class _Evil:
    def __init__(self, folder: str):
        self.folder = folder

    def __reduce__(self) -> object:
        return (os.mkdir, (self.folder,))


def test_an_answer_calls_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as raised:
        run_in_child_process(lambda: _Evil(str(tmp_path / "owned")), 60)
    assert raised.value.reason is Reason.DECODER_CRASH
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "value",
    [
        Result(
            Status.QUARANTINED,
            reason_code="malformed",
            findings=(Finding("a", "NAME", "ner", 1, ""),),
        ),
        {"a": frozenset({1}), "b": bytearray(b"x"), "c": Counter("ab")},
        datetime(2020, 1, 1, tzinfo=timezone.utc),
    ],
)
def test_records_and_values_are_answered(value: object) -> None:
    assert run_in_child_process(lambda: value, 60) == value


def test_arrays_are_answered() -> None:
    array = np.arange(12, dtype="<u2").reshape(3, 4)
    assert np.array_equal(run_in_child_process(lambda: array, 60), array)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux limits memory")
def test_memory_is_limited() -> None:
    with pytest.raises(Refusal) as raised:
        run_in_child_process(lambda: len(bytes(1 << 30)), 60, memory_bytes=64 << 20)
    assert raised.value.reason is Reason.OBJECT_MEMORY
