"""The input of a target survives the process that runs the target."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fuzz.current_input import CurrentInput


def test_the_last_input_of_a_killed_process_can_be_read(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, pathlib; from tests.fuzz.current_input import CurrentInput;"
        "current = CurrentInput(pathlib.Path(sys.argv[1]), 64);"
        "current.write(b'a longer input'); current.write(b'bad');"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "folder" / "current"
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert CurrentInput(path, 64).read() == b"bad"


def test_an_input_that_was_never_written_is_empty(tmp_path: Path) -> None:
    assert CurrentInput(tmp_path / "current", 64).read() == b""
