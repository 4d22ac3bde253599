from __future__ import annotations

import subprocess
import sys
import time

import pytest

from benchmarks.processes import DRIVER, WORKERS, measure

#: Work of several intervals between two measurements.
_WORK = "import time; [None for _ in iter(lambda: time.process_time() < 1, False)]"
#: The command line of the parent does not hold the word by which workers are found.
_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{_WORK}', 'dae' + 'mon'])"


def _start(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", f"{program}; print('{{}}')"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_cpu_time_is_that_of_the_task_of_a_process() -> None:
    measured = measure(_start(_CHILD), time.monotonic())
    assert measured.cpu[WORKERS] > measured.cpu[DRIVER]
    assert measured.memory[DRIVER] > 0
    assert measured.cpu_seconds == sum(measured.cpu.values())


def test_a_failed_command_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="exit code 3: reason"):
        measure(_start("import sys; sys.stderr.write('reason'); sys.exit(3)"), time.monotonic())
