"""Draw lines at the end of a terminal, and draw them again when they change."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Optional

#: Width if the terminal does not state one, as a terminal of a container.
DEFAULT_COLUMNS = 80

_CLEAR_TO_END = "\x1b[J"


class TerminalDisplay:
    """Lines at the end of the terminal of stderr, which other output does not mix with."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._drawn = 0
        self._lines: Sequence[str] = ()

    def draw(self, lines: Sequence[str]) -> None:
        """Replace the lines of the display.

        Parameters
        ----------
        lines : sequence of str
            Lines without line ends; each is cut to the width of the terminal.
        """
        with self._lock:
            self._lines = lines
            width = terminal_columns() - 1
            text = "".join(f"{line[:width]}\n" for line in lines)
            self._write(f"{self._erase()}{text}")
            self._drawn = len(lines)

    def clear(self) -> None:
        """Remove the lines."""
        with self._lock:
            self._write(self._erase())
            self._drawn = 0

    @contextmanager
    def around_line(self) -> Iterator[None]:
        """Remove the lines while another line is written."""
        with self._lock:
            lines = self._lines if self._drawn else None
            self.clear()
            yield
            if lines:
                self.draw(lines)

    def _erase(self) -> str:
        """Return the characters that remove the drawn lines."""
        return f"\x1b[{self._drawn}F{_CLEAR_TO_END}" if self._drawn else ""

    @staticmethod
    def _write(text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):  # the terminal was closed
            return


def terminal_columns() -> int:
    """Return the width of the terminal of stderr."""
    columns: Optional[int] = None
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError, AttributeError):
        pass
    return columns or DEFAULT_COLUMNS
