"""Keep pydicom from writing values of an object to the log."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock


class _Silence:
    """Silence of a process, which several threads may want at one time."""

    def __init__(self) -> None:
        self._blocks = 0
        self._restore = ExitStack()
        self.renew_lock()

    def renew_lock(self) -> None:
        """Create the lock; another thread may hold that of a process that was forked."""
        self._lock = Lock()

    def begin(self) -> None:
        """Count a block that begins; the first one changes the logger and the filters."""
        with self._lock:
            if self._blocks == 0:
                logger = logging.getLogger("pydicom")
                self._restore.callback(setattr, logger, "disabled", logger.disabled)
                logger.disabled = True
                self._restore.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
            self._blocks += 1

    def end(self) -> None:
        """Count a block that ends; the last one restores the logger and the filters."""
        with self._lock:
            self._blocks -= 1
            if self._blocks == 0:
                self._restore.close()


_silence = _Silence()
os.register_at_fork(after_in_child=_silence.renew_lock)


@contextmanager
def silence_pydicom() -> Iterator[None]:
    """Suppress the log messages and warnings of pydicom, which may quote values.

    Logger and filters belong to the process: the last of all threads that leaves such a block
    restores them.
    """
    _silence.begin()
    try:
        yield
    finally:
        _silence.end()
