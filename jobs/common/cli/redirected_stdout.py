"""Redirect stdout to stderr for a while, so that only the summary of a command is on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: Descriptor of stdout while it is redirected.
_saved: list[int] = []


@contextmanager
def stdout_redirected() -> Iterator[None]:
    """Redirect stdout to stderr in the block, also for processes that the block starts."""
    sys.stdout.flush()
    saved = os.dup(1)
    _saved.append(saved)
    os.dup2(2, 1)
    try:
        yield
    finally:
        restore_stdout()
        _saved.clear()
        os.close(saved)


def restore_stdout() -> None:
    """Undo the redirection of stdout, from any thread; do nothing if there is none."""
    for saved in _saved:
        os.dup2(saved, 1)
