"""Run a command with a terminal as stderr, and read what a person sees."""

from __future__ import annotations

import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.jobs import runs

#: A job with one worker, whose de-identifier takes 0.4 seconds an object.
SLOW_JOB = """
import sys, time
from jobs.common.images.plugin import ImagePlugin
from jobs.common.run.job import Job
from jobs.common.spark.session import lazy_session
from tests.jobs import runs
from tests.jobs.fake_deidentifier import FakeDeidentifier

class Slow(FakeDeidentifier):
    def rebuild(self, *given):
        time.sleep(0.4)
        return super().rebuild(*given)

with lazy_session("tests", "local[1]") as spark:
    sys.exit(Job(runs.make_run_config(sys.argv[1]), ImagePlugin(Slow), spark).run())
"""


def run_on_terminal(command: list[str]) -> tuple[str, str]:
    """Return stdout, and the text on a terminal of 120 columns."""
    parent, child = pty.openpty()
    ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=child, text=True)
    os.close(child)
    shown = b""
    while True:
        try:
            shown += os.read(parent, 65536)
        except OSError:  # the process has closed its end
            break
    assert process.stdout is not None
    out = process.stdout.read()
    assert process.wait() == 0, shown.decode()
    os.close(parent)
    return out, shown.decode()


@pytest.fixture(scope="module")
def slow_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Run the job over 12 objects, of which one is quarantined, in one batch of one task."""
    place = tmp_path_factory.mktemp("slow")
    objects = {f"{number:02}": f"1.2 1.2.3 1.2.3.{number} text" for number in range(11)}
    runs.write_sources(place, {**objects, "11": "1.2 1.2.3 1.2.3.11 raise"})
    return run_on_terminal([sys.executable, "-c", SLOW_JOB, str(place)])


def test_progress_moves_by_object_within_a_batch(slow_run: tuple[str, str]) -> None:
    counts = [int(number) for number in re.findall(r"(\d+) of 12 objects", slow_run[1])]
    assert counts == sorted(counts)
    assert len(set(counts)) >= 6
    assert any(0 < count <= 2 for count in counts)


def test_rate_and_time_left_are_shown(slow_run: tuple[str, str]) -> None:
    assert re.search(r"REBUILD +\[#+ +\] +\d+% \d+ of 12 objects, [\d.]+ objects/s", slow_run[1])
    assert re.search(r"\d+ s left", slow_run[1])


def test_the_display_is_removed_before_the_last_lines(slow_run: tuple[str, str]) -> None:
    end = slow_run[1].rpartition("\x1b[J")[2].splitlines()
    assert end[0] == "quarantined internal_error: 1"
    assert re.fullmatch(r"quarantined [0-9a-f]{64} internal_error", end[1])
    assert len(end) == 2


def test_stdout_has_one_line(slow_run: tuple[str, str]) -> None:
    (line,) = slow_run[0].splitlines()
    assert json.loads(line)["deidentified"] == 11


def test_no_path_of_a_source_is_shown(slow_run: tuple[str, str], tmp_path: Path) -> None:
    assert str(tmp_path.parent) not in slow_run[1]
