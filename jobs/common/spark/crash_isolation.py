"""Run one object in a child process, so that a crash of a decoder does not end the run.

This is used only for a batch in which a worker died, since a process per object costs time.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import TypeVar

from safelight.records import Reason, Refusal

T = TypeVar("T")

#: Messages of Spark about a Python worker that died, as opposed to one that raised.
_CRASH_MESSAGES = (
    "Python worker exited unexpectedly", "Python worker faulted", "Connection reset",
)  # fmt: skip


def is_worker_crash(error: Exception) -> bool:
    """Return whether a Spark job failed because a Python worker died."""
    return any(message in str(error) for message in _CRASH_MESSAGES)


def run_in_child_process(function: Callable[[], T]) -> T:
    """Return what a function returns, or raise what it raises, in a forked child process.

    Raises
    ------
    Refusal
        ``INTERNAL_ERROR`` if the child died, of a fault in a native decoder or of memory.
    """
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        _run_child(function, read_end, write_end)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        sentence = "a decoder ended its process on this object; please report it"
        raise Refusal(Reason.INTERNAL_ERROR, sentence)
    value: T
    error: Exception | None
    value, error = pickle.loads(answer)
    if error is not None:
        raise error
    return value


def _run_child(function: Callable[[], object], read_end: int, write_end: int) -> None:
    """Write the outcome of a function and exit without the clean-up of the parent."""
    os.close(read_end)
    outcome: tuple[object, Exception | None]
    try:
        outcome = (function(), None)
    except Exception as error:  # the parent raises it
        outcome = (None, error)
    with os.fdopen(write_end, "wb") as pipe:
        pipe.write(pickle.dumps(outcome))
    os._exit(0)
