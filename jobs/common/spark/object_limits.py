"""Limit the time and the memory of one object in a worker, so that a bad object costs only itself.

There are two levels, since no single one is both quick and sure:

1. The object is processed in the worker. A timer raises in Python code that takes too long, and a
   limit of the operating system lets allocations fail.
2. Native code that never returns is ended together with the worker, by the second signal of the
   same timer; a crash of a decoder ends the worker as well. Spark then repeats the task, and a
   repeated task processes each object in a child process, which may be ended alone.

The first level costs about 8 microseconds an object, a child process about 10 milliseconds.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import FrameType
from typing import Optional, TextIO, TypeVar

from jobs.common.cli.arguments import DEFAULT_OBJECT_MEMORY_BYTES, DEFAULT_OBJECT_SECONDS
from jobs.common.spark.deidentifier_factory import forget_deidentifier
from safelight.child_process import run_in_child_process, timeout_refusal
from safelight.records import Reason, Refusal

T = TypeVar("T")

#: Time between the signal that raises in Python and the signal that ends the process.
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class ObjectLimits:
    """Limits of one object or one piece of notes.

    Attributes
    ----------
    seconds : float
        Wall-clock time of one stage.
    memory_bytes : int
        Memory that a stage may allocate in addition to what the process holds before.
    """

    seconds: float = DEFAULT_OBJECT_SECONDS
    memory_bytes: int = DEFAULT_OBJECT_MEMORY_BYTES

    @property
    def grace_seconds(self) -> float:
        """Return the time between the signal that raises and the one that ends the process."""
        return min(GRACE_SECONDS, self.seconds)


class _ObjectTimeoutError(BaseException):
    """Raised by the timer. No handler of ``Exception`` in the stages catches it."""


def is_repeated_task() -> bool:
    """Return whether this process runs a Spark task that has failed before."""
    from pyspark import TaskContext

    context = TaskContext.get()
    return context is not None and context.attemptNumber() > 0


def run_limited(function: Callable[[], T], limits: ObjectLimits, isolated: bool) -> T:
    """Return what a function returns, if it needs no more time and memory than allowed.

    Parameters
    ----------
    function : callable
        Processes one object in a task. It writes nothing, since it may be ended at any point or
        run twice.
    limits : ObjectLimits
    isolated : bool
        Run the function in a child process, as a repeated task does; see
        :func:`is_repeated_task`.

    Returns
    -------
    object
        Result of the function; it can be pickled.

    Raises
    ------
    Refusal
        ``OBJECT_TIMEOUT``, ``OBJECT_MEMORY`` or ``DECODER_CRASH``, or what the function raises.
    """
    # Signals are handled in the main thread only, which is the one of a task.
    if not isolated and threading.current_thread() is threading.main_thread():
        try:
            outcome = _run_in_process(function, limits)
            if not _lacks_memory(outcome):
                return outcome
        except MemoryError:
            pass
        except Refusal as refusal:
            if refusal.reason is not Reason.OBJECT_MEMORY:
                raise
        # Objects that are read ahead count as well; a child process decides without them.
    return run_in_child_process(
        lambda: _run_in_process(function, limits), limits.seconds + 2 * limits.grace_seconds
    )


def _lacks_memory(outcome: object) -> bool:
    """Return whether a result, or the refusal that a scan holds, is about memory."""
    refused = getattr(outcome, "refusal", None) or outcome
    return getattr(refused, "reason_code", "") == Reason.OBJECT_MEMORY.value


def _run_in_process(function: Callable[[], T], limits: ObjectLimits) -> T:
    """Run a function under the limits, in the main thread of this process."""
    allowed_before = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        try:
            _start_limits(limits, *allowed_before)
            return function()
        finally:
            _end_limits(*allowed_before)
    except _ObjectTimeoutError:
        _end_limits(*allowed_before)  # the error may have interrupted the first call
        # It may also have interrupted the de-identifier while it changed its own state.
        forget_deidentifier()
    raise timeout_refusal()


def _start_limits(limits: ObjectLimits, soft: int, hard: int) -> None:
    """Start the timer, and limit the memory of this process.

    Parameters
    ----------
    limits : ObjectLimits
    soft, hard : int
        Present limits of the memory of this process; they are not raised.
    """
    if not _install_handler():
        faulthandler.dump_traceback_later(
            limits.seconds + limits.grace_seconds, exit=True, file=_null_device()
        )
    held = _read_memory(os.getpid())
    if held is not None:
        bounds = [n for n in (soft, hard) if n != resource.RLIM_INFINITY]
        allowed = min([held + limits.memory_bytes, *bounds])
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
    # The timer raises at the limit, and again after each period of grace.
    signal.setitimer(signal.ITIMER_REAL, limits.seconds, limits.grace_seconds)


def _end_limits(soft: int, hard: int) -> None:
    """Stop the timer and restore the limits of the memory of this process."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    if _native_handler() is None:
        faulthandler.cancel_dump_traceback_later()
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _raise_timeout(_number: int, _frame: Optional[FrameType]) -> None:
    """Handle the signal of the timer; the next one may meet native code that never returns."""
    _reset_after_signal()
    raise _ObjectTimeoutError


def _install_handler() -> bool:
    """Let the first signal raise in Python and the second one end the process.

    The operating system restores the default action, which is to end the process, when it
    delivers a signal (SA_RESETHAND). The handler in Python code asks for that again.

    Returns
    -------
    bool
        False if this platform lacks it; the signal then only raises.
    """
    if signal.getsignal(signal.SIGALRM) is not _raise_timeout:
        signal.signal(signal.SIGALRM, _raise_timeout)
        _reset_after_signal()
    return _native_handler() is not None


def _reset_after_signal() -> None:
    """Install the native handler for one signal."""
    if _native_handler() is not None:
        _libc().sysv_signal(signal.SIGALRM, _native_handler())


@lru_cache(maxsize=1)
def _native_handler() -> Optional[int]:
    """Return the address of the handler of the interpreter, which calls the one in Python code.

    ``None`` if a function of glibc is missing.
    """
    if not hasattr(_libc(), "sysv_signal"):
        return None
    address: Optional[int] = _libc().signal(signal.SIGALRM, None)
    return address


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    """Return the C library with the types of the functions that are used."""
    libc = ctypes.CDLL(None)
    for name in ("signal", "sysv_signal"):
        if hasattr(libc, name):
            function = getattr(libc, name)
            function.restype = ctypes.c_void_p
            function.argtypes = (ctypes.c_int, ctypes.c_void_p)
    return libc


@lru_cache(maxsize=1)
def _null_device() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


def _read_memory(process: int) -> Optional[int]:
    """Return the private writable memory of this process in bytes; ``None`` if it is not limited.

    Only Linux counts that memory for RLIMIT_DATA.
    """
    status = _open_memory_status(process)
    if status is None:
        return None
    return int(os.pread(status, 128, 0).split()[5]) * resource.getpagesize()


@lru_cache(maxsize=1)
def _open_memory_status(_process: int) -> Optional[int]:
    """Return a descriptor of the memory counts of a process; it is opened once per process.

    Core dumps, which would hold patient data, are turned off at the same time.
    """
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if not sys.platform.startswith("linux"):
        return None
    return os.open("/proc/self/statm", os.O_RDONLY)
