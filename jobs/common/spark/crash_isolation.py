"""Run one object in a child process, so that it can end alone.

Only a repeated task does this, since a process per object costs time.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn, TypeVar

from safelight.records import Reason, Refusal

T = TypeVar("T")

#: Messages of Spark about a Python worker that died, as opposed to one that raised.
_CRASH_MESSAGES = (
    "Python worker exited unexpectedly", "Python worker faulted", "Connection reset",
)  # fmt: skip

#: Bytes of the size that precedes the answer of a child process.
_SIZE_BYTES = 8

#: Bytes of an answer that are read at once.
_READ_BYTES = 1 << 20

#: Option of prctl(2): the signal that a process gets when its parent ends.
_PR_SET_PDEATHSIG = 1

#: The operating system ends the process with the highest score if memory is short.
_OOM_SCORE_FILE = "/proc/self/oom_score_adj"
_OOM_SCORE = b"1000"


def is_worker_crash(error: Exception) -> bool:
    """Return whether a Spark job failed because a Python worker died."""
    return any(message in str(error) for message in _CRASH_MESSAGES)


def run_in_child_process(function: Callable[[], T], seconds: float) -> T:
    """Return what a function returns, or raise what it raises, in a forked child process.

    Parameters
    ----------
    function : callable
        Its result can be pickled. Any error except a refusal is raised as a refusal.
    seconds : float
        Wall-clock time after which the child and its own children are ended.

    Raises
    ------
    Refusal
        ``OBJECT_TIMEOUT`` if the child took too long, ``OBJECT_MEMORY`` if the operating system
        ended it, ``DECODER_CRASH`` if it died otherwise, or what the function raised.
    """
    read_end, write_end = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _run_child(function, parent, write_end)
    os.close(write_end)
    with suppress(OSError):  # the child does the same; whoever is first
        os.setpgid(child, child)
    status = 0
    try:
        answer = _read_answer(read_end, time.monotonic() + seconds)
        if answer is None:
            status = _wait(child)
    finally:
        os.close(read_end)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if answer is None:
        raise _describe_end(status)
    value: T
    refusal: Refusal | None
    value, refusal = pickle.loads(answer)
    if refusal is not None:
        raise refusal
    return value


def _run_child(function: Callable[[], object], parent: int, write_end: int) -> NoReturn:
    """Write the outcome of a function and exit without the clean-up of the parent."""
    os.setpgid(0, 0)
    _end_with_parent(parent)
    with suppress(OSError):  # other operating systems
        with open(_OOM_SCORE_FILE, "wb", buffering=0) as file:
            file.write(_OOM_SCORE)
    outcome: tuple[object, Refusal | None]
    try:
        outcome = (function(), None)
    except BaseException as error:  # a panic of a library in Rust is no Exception
        outcome = (None, Refusal.from_exception(error))
    answer = pickle.dumps(outcome)
    with os.fdopen(write_end, "wb") as pipe:
        pipe.write(len(answer).to_bytes(_SIZE_BYTES, "big"))
        pipe.write(answer)
    os._exit(0)


def _end_with_parent(parent: int) -> None:
    """Let the operating system end this process together with its parent; Linux only.

    Parameters
    ----------
    parent : int
        Process ID of the parent at the time of the fork.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        os._exit(1)


def _read_answer(read_end: int, deadline: float) -> bytes | None:
    """Return the answer of a child; ``None`` if the child ends without one.

    The end of the pipe is not awaited after an answer: a process that the child has started may
    hold it open.

    Raises
    ------
    Refusal
        ``OBJECT_TIMEOUT`` at the deadline.
    """
    answer = bytearray()
    size = _SIZE_BYTES
    poll = select.poll()
    poll.register(read_end, select.POLLIN)
    while len(answer) < size:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise timeout_refusal()
        part = os.read(read_end, min(_READ_BYTES, size - len(answer)))
        if not part:
            return None
        answer += part
        if size == len(answer) == _SIZE_BYTES:
            size += int.from_bytes(answer, "big")
    return bytes(answer[_SIZE_BYTES:])


def _wait(child: int) -> int:
    """Return how a child ended: the exit code, or the negative number of a signal.

    The child is not reaped, so that its process ID still names its group.
    """
    ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    if ended is None:
        return 0
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _describe_end(status: int) -> Refusal:
    """Return the refusal of an object whose process ended without an answer."""
    if status == -signal.SIGALRM:  # the timer of the limits
        return timeout_refusal()
    if status == -signal.SIGKILL:  # mostly the operating system, for want of memory
        return memory_refusal()
    return Refusal(
        Reason.DECODER_CRASH,
        "a decoder ended its process on this object; please report it, and repair the object",
    )


def timeout_refusal() -> Refusal:
    """Return the refusal of an object that takes too long."""
    return Refusal(
        Reason.OBJECT_TIMEOUT,
        "the object takes longer than --object-seconds allows; check it, or raise the limit",
    )


def memory_refusal() -> Refusal:
    """Return the refusal of an object that needs too much memory."""
    return Refusal(
        Reason.OBJECT_MEMORY,
        "the object needs more memory than --object-memory or the machine allows; check it, or "
        "raise the limit",
    )
