from __future__ import annotations

import os
import pty
import struct
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from fcntl import ioctl
from select import select

import pytest

from jobs.common.observe.terminal_display import TerminalDisplay, terminal_columns


@contextmanager
def terminal() -> Iterator[int]:
    """Replace stderr by a terminal of 20 columns and return its other end."""
    parent, child = pty.openpty()
    ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
    with os.fdopen(child, "w") as file, redirect_stderr(file):
        yield parent
    os.close(parent)


def read(terminal: int) -> str:
    """Return all that was written; the other end may pass it on in several parts."""
    data = os.read(terminal, 10_000)
    while select([terminal], [], [], 0.1)[0]:
        data += os.read(terminal, 10_000)
    return data.decode().replace("\r\n", "\n")


def test_lines_are_cut_to_the_width_of_the_terminal() -> None:
    with terminal() as end:
        TerminalDisplay().draw(["x" * 50])
        assert read(end) == "x" * 19 + "\n"


def test_lines_replace_the_lines_before() -> None:
    with terminal() as end:
        display = TerminalDisplay()
        display.draw(["a", "b"])
        display.draw(["c"])
        assert read(end) == "a\nb\n\x1b[2F\x1b[Jc\n"


def test_another_line_is_written_above() -> None:
    with terminal() as end:
        display = TerminalDisplay()
        display.draw(["a"])
        with display.around_line():
            sys.stderr.write("log\n")
        assert read(end) == "a\n\x1b[1F\x1b[Jlog\na\n"


def test_a_cleared_display_is_not_drawn_again() -> None:
    with terminal() as end:
        display = TerminalDisplay()
        display.draw(["a"])
        display.clear()
        with display.around_line():
            sys.stderr.write("log\n")
        assert read(end) == "a\n\x1b[1F\x1b[Jlog\n"


def test_a_terminal_without_a_width_has_80_columns() -> None:
    with terminal():
        ioctl(sys.stderr, termios.TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
        assert terminal_columns() == 80


def test_a_closed_terminal_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, "w") as closed:
        pass
    monkeypatch.setattr(sys, "stderr", closed)
    TerminalDisplay().draw(["a"])
