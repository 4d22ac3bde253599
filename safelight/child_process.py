"""Run a step on one object in a child process, so that it can end alone.

A repeated task of Spark does this with each object, and the cleaning of PDF with each page.
"""

from __future__ import annotations

import ctypes
import io
import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import is_dataclass
from enum import Enum
from typing import NoReturn, TypeVar

from safelight.records import Reason, Refusal

T = TypeVar("T")

#: Classes and functions of libraries that an answer may use besides the records of this software.
_ALLOWED_GLOBALS = frozenset(
    {
        ("builtins", "bytearray"),
        ("builtins", "complex"),
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("collections", "Counter"),
        ("collections", "OrderedDict"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy.core.numeric", "_frombuffer"),
        ("safelight.records", "Refusal"),
    }
)
#: Packages whose dataclasses, enumerations and named tuples an answer may use.
_OWN_PACKAGES = frozenset({"jobs", "nlp_pipelines", "safelight"})

#: Bytes of the size that precedes the answer of a child process.
_SIZE_BYTES = 8

#: Bytes of an answer that are read at once.
_READ_BYTES = 1 << 20

#: Option of prctl(2): the signal that a process gets when its parent ends.
_PR_SET_PDEATHSIG = 1

#: The operating system ends the process with the highest score if memory is short.
_OOM_SCORE_FILE = "/proc/self/oom_score_adj"
_OOM_SCORE = b"1000"


class _RecordUnpickler(pickle.Unpickler):
    """Reader of an answer, which creates records of this software and arrays, and calls nothing.

    A codestream or a document may have taken over the child, so its answer is not trusted.
    """

    def find_class(self, module: str, name: str) -> object:
        """Return a class that an answer may use.

        Raises
        ------
        pickle.UnpicklingError
            For all other classes and functions.
        """
        if (module, name) in _ALLOWED_GLOBALS:
            return super().find_class(module, name)
        if module.partition(".")[0] in _OWN_PACKAGES and module in sys.modules:
            found = super().find_class(module, name)
            if isinstance(found, type) and (
                is_dataclass(found) or issubclass(found, (Enum, tuple))
            ):
                return found
        raise pickle.UnpicklingError("an answer has a class that it may not have")


def run_in_child_process(
    function: Callable[[], T], seconds: float, memory_bytes: int | None = None
) -> T:
    """Return what a function returns, or raise what it raises, in a forked child process.

    Parameters
    ----------
    function : callable
        Its result can be pickled: values, records of this software and arrays. Any error except a
        refusal is raised as a refusal.
    seconds : float
        Wall-clock time after which the child and its own children are ended.
    memory_bytes : int, optional
        Memory that the child may allocate in addition to what this process holds; Linux only.

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
        if memory_bytes is not None:
            _limit_memory(memory_bytes)
        _run_child(function, parent, write_end)
    os.close(write_end)
    with suppress(OSError):  # the child does the same; the order does not matter
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
    try:
        value, refusal = _RecordUnpickler(io.BytesIO(answer)).load()
    except Exception:  # bytes that are not a pickle raise many types
        raise _describe_end(1) from None
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
    except BaseException as error:  # a panic of a library in Rust is not an Exception
        outcome = (None, Refusal.from_exception(error))
    answer = pickle.dumps(outcome)
    with os.fdopen(write_end, "wb") as pipe:
        pipe.write(len(answer).to_bytes(_SIZE_BYTES, "big"))
        pipe.write(answer)
    os._exit(0)


def _limit_memory(memory_bytes: int) -> None:
    """Limit the private memory of this process, and turn off core dumps, which would hold PHI."""
    with suppress(OSError, ValueError, IndexError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        with open("/proc/self/statm", "rb") as file:
            held = int(file.read().split()[5]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_DATA, (min([held + memory_bytes, *bounds]), hard))


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
    if status == -signal.SIGKILL:  # mostly the operating system, when memory is exhausted
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
