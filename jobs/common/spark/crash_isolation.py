"""Keep a decoder that crashes from taking the run with it: one object, one child process.

Used only for a batch in which a worker died, since a process for each object costs time.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import Any

from safelight.records import Reason, Refusal

#: How Spark reports that a Python worker died, as opposed to one that raised.
_DIED = ("Python worker exited unexpectedly", "Python worker faulted", "Connection reset")


def is_worker_crash(error: Exception) -> bool:
    """Whether a Spark job failed because a Python worker was gone."""
    return any(sign in str(error) for sign in _DIED)


def run_in_child_process(function: Callable[[], Any]) -> Any:
    """What a function returns or raises, run in a forked child.

    Raises
    ------
    Refusal
        ``INTERNAL_ERROR`` if the child died: of a fault in a native decoder, or of memory.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(function, reading, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        sentence = "a decoder ended its process on this object; please report it"
        raise Refusal(Reason.INTERNAL_ERROR, sentence)
    value, error = pickle.loads(answer)
    if error is not None:
        raise error
    return value


def _answer(function: Callable[[], Any], reading: int, writing: int) -> None:
    """In the child: write the outcome and leave without any of the parent's clean-up."""
    os.close(reading)
    outcome: tuple[Any, Any]
    try:
        outcome = (function(), None)
    except Exception as error:  # handed to the parent, which makes a row of it
        outcome = (None, error)
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(pickle.dumps(outcome))
    os._exit(0)
