"""How a job ends when it cannot do its work: exit codes, and the two exceptions behind them."""

from __future__ import annotations

import errno
import os
import re

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_QUARANTINED = 3

#: What a Python worker raised, as Spark quotes it: its frames and its class. The message after
#: it may hold anything.
_TRACEBACK = re.compile(
    r"Traceback \(most recent call last\):\n((?: .*\n)+)([A-Za-z_][\w.]*)(?=[:\n]|$)"
)
_FRAME = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+)')


class ArgumentProblem(Exception):
    """An argument is wrong: one sentence for the person who gave it; exit code 2."""


class JobFailure(Exception):
    """The run could not do its work: one sentence without PHI; exit code 1."""


def cause_of(error: Exception) -> str:
    """Name the cause of a failed run without its message, which may hold paths."""
    output = re.search(r"OutputError: (\w+)", str(error))
    if output:
        return f"the output cannot be written, {_in_words(output.group(1))}"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    raised = _TRACEBACK.search(str(error))
    if raised:
        file, line = _FRAME.findall(raised[1])[-1]
        return f"{raised[2]} in {file}, line {line}"
    java = getattr(error, "java_exception", None)
    return str(java.getClass().getSimpleName()) if java is not None else type(error).__name__


def _in_words(name: str) -> str:
    number = getattr(errno, name, None)
    return os.strerror(number) if isinstance(number, int) else name
