from __future__ import annotations

import ctypes
import itertools
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable

import numpy as np
import pytest

from jobs.common.spark.object_limits import ObjectLimits, run_limited
from safelight.child_process import run_in_child_process
from safelight.records import Reason, Refusal, Result, Status

LIMITS = ObjectLimits(seconds=0.3, memory_bytes=256 << 20)


def refusal_of(function: Callable[[], object], isolated: bool) -> Refusal:
    with pytest.raises(Refusal) as raised:
        run_limited(function, LIMITS, isolated)
    return raised.value


def sleep() -> None:
    time.sleep(3600)


def ignore_exceptions() -> None:
    """Sleep like a stage that takes any error for one of its library, and tries the next one."""
    for _ in range(3):
        try:
            time.sleep(3600)
        except Exception:
            continue


def match_badly() -> None:
    """Match an expression whose time doubles with each character."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def allocate() -> int:
    return len(bytearray(1 << 30))


def allocate_native() -> int:
    return int(np.ones(1 << 28).sum())


def loop_in_native_code() -> None:
    """Run native code that neither returns nor releases the lock of the interpreter."""
    deque(itertools.repeat(0), maxlen=0)


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (sleep, Reason.OBJECT_TIMEOUT),
        (ignore_exceptions, Reason.OBJECT_TIMEOUT),
        (match_badly, Reason.OBJECT_TIMEOUT),
        (allocate, Reason.OBJECT_MEMORY),
        (allocate_native, Reason.OBJECT_MEMORY),
    ],
)
def test_an_object_beyond_a_limit_is_refused(
    function: Callable[[], object], reason: Reason, isolated: bool
) -> None:
    assert refusal_of(function, isolated).reason is reason
    assert run_limited(lambda: 7, LIMITS, isolated) == 7


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (loop_in_native_code, Reason.OBJECT_TIMEOUT),
        (lambda: ctypes.string_at(0), Reason.DECODER_CRASH),
        (lambda: os._exit(0), Reason.DECODER_CRASH),
    ],
)
def test_an_isolated_object_that_ends_its_process_is_refused(
    function: Callable[[], object], reason: Reason
) -> None:
    assert refusal_of(function, isolated=True).reason is reason


def test_native_code_that_never_returns_ends_its_process() -> None:
    def run() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        run_limited(loop_in_native_code, LIMITS, isolated=False)

    with pytest.raises(Refusal) as raised:
        run_in_child_process(run, 60)
    assert raised.value.reason is Reason.OBJECT_TIMEOUT


def test_another_error_is_raised_unchanged() -> None:
    with pytest.raises(KeyError):
        run_limited(lambda: {}["a"], LIMITS, isolated=False)


def test_limits_end_with_the_object() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    run_limited(lambda: None, LIMITS, isolated=False)
    refusal_of(sleep, isolated=False)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_limit_of_the_caller_is_not_raised() -> None:
    def seen() -> int:
        return resource.getrlimit(resource.RLIMIT_DATA)[0]

    def run() -> int:
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (1 << 40, hard))
        return run_limited(seen, ObjectLimits(60, 1 << 50), isolated=False)

    assert run_in_child_process(run, 60) == 1 << 40


def test_a_result_for_want_of_memory_is_decided_in_a_process_of_its_own() -> None:
    parent = os.getpid()

    def process() -> Result:
        enough = os.getpid() != parent
        return Result(Status.QUARANTINED, "" if enough else Reason.OBJECT_MEMORY.value)

    assert run_limited(process, LIMITS, isolated=False).reason_code == ""


def test_a_thread_isolates_its_object() -> None:
    # A program of its own, since the child of a thread closes the connection to Spark of this one.
    program = """
import os
from concurrent.futures import ThreadPoolExecutor
from jobs.common.spark.object_limits import ObjectLimits, run_limited
with ThreadPoolExecutor(1) as pool:
    process = pool.submit(run_limited, os.getpid, ObjectLimits(60), False).result()
print(process != os.getpid())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"True\n"


def test_core_dumps_are_off() -> None:
    def run() -> int:
        run_limited(lambda: None, LIMITS, isolated=False)
        return resource.getrlimit(resource.RLIMIT_CORE)[0]

    assert run_in_child_process(run, 60) == 0
