"""Recognize Spark jobs that failed because a Python worker died."""

from __future__ import annotations

#: Messages of Spark about a Python worker that died, as opposed to one that raised.
_CRASH_MESSAGES = (
    "Python worker exited unexpectedly", "Python worker faulted", "Connection reset",
)  # fmt: skip


def is_worker_crash(error: Exception) -> bool:
    """Return whether a Spark job failed because a Python worker died."""
    return any(message in str(error) for message in _CRASH_MESSAGES)
