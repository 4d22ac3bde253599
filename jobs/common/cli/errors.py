"""Exceptions that end a command, and the cause of an unexpected one without its message."""

from __future__ import annotations

import errno
import os
import re

#: The traceback of a Python worker as Spark quotes it: the frames and the class of the exception.
#: The message behind the class is left out, because it may hold anything.
_WORKER_TRACEBACK = re.compile(
    r"Traceback \(most recent call last\):\n((?: .*\n)+)([A-Za-z_][\w.]*)(?=[:\n]|$)"
)
_FRAME = re.compile(r'File "(?:[^"]*/)?([^"/]+)", line (\d+)')


class UsageError(Exception):
    """Raised if an argument is wrong; the message is one sentence for the user (exit code 2)."""


class JobError(Exception):
    """Raised if a run cannot do its work; the message is one sentence without PHI (exit code 1)."""


def describe_cause(error: Exception) -> str:
    """Describe the cause of a failed run without its message, which may hold paths.

    Parameters
    ----------
    error : Exception
        Exception of Python, of Spark or of Java.

    Returns
    -------
    str
        Text of the operating system's error code, class and line of a worker's exception, or
        class of the exception.
    """
    output_error = re.search(r"OutputError: (\w+)", str(error))
    if output_error:
        return f"the output cannot be written, {error_text(output_error.group(1))}"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    traceback = _WORKER_TRACEBACK.search(str(error))
    if traceback:
        file, line = _FRAME.findall(traceback[1])[-1]
        return f"{traceback[2]} in {file}, line {line}"
    java = getattr(error, "java_exception", None)
    return str(java.getClass().getSimpleName()) if java is not None else type(error).__name__


def error_text(name: str) -> str:
    """Return the text of an error code such as ``ENOSPC``, or the name if it is not one."""
    number = getattr(errno, name, None)
    return os.strerror(number) if isinstance(number, int) else name
