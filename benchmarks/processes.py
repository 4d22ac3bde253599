"""Run a command of Safelight from a checkout, and measure its processes by their task.

CPU time and peak memory are read from /proc every quarter of a second; the CPU time of a process
after its last sample is missed. CPU time depends less than wall-clock time on other load.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEY = bytes(range(32)).hex()

#: Tasks of processes: the Python process of the driver, Java (in local mode also that of the
#: executors), Java of the executors of a cluster, and Python workers.
DRIVER, JAVA, EXECUTORS, WORKERS = "driver", "java", "executors", "workers"

_INTERVAL_SECONDS = 0.25
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Measurement:
    """Resources that one command has used.

    Attributes
    ----------
    seconds : float
        From its start to its end.
    summary : dict
        The last line of its stdout.
    cpu : dict
        CPU seconds by task of the process.
    memory : dict
        Peak resident bytes by task of the process, of its largest process.
    """

    seconds: float = 0.0
    summary: dict[str, Any] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all processes."""
        return sum(self.cpu.values())


@dataclass
class _Process:
    """Last sample of a process.

    Attributes
    ----------
    task : str
    parent : int
    seconds : float
        CPU seconds of the process; for a worker, also of the children that it has waited for.
    sample : int
        Number of the sample.
    """

    task: str
    parent: int
    seconds: float
    sample: int


class ProcessSampler:
    """Samples the CPU time and the memory of process trees.

    Parameters
    ----------
    roots : sequence of int
        Process IDs of the trees. The first one is the driver. The others, which are the workers
        of a cluster, are not measured themselves.
    """

    def __init__(self, roots: Sequence[int]):
        self._roots = roots
        self._count = 0
        self._processes: dict[int, _Process] = {}
        self._memory: dict[str, int] = defaultdict(int)

    def sample(self) -> None:
        """Take one sample."""
        self._count += 1
        for pid in _descendants(self._roots):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                status = Path(f"/proc/{pid}/status").read_text()
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if pid in self._roots[1:] or not command:  # a process that has ended has none
                continue
            task = _task(command)
            # Fields 13 and 14 of proc(5) from the state on are those of children that have ended.
            ticks = sum(map(int, fields[11 : 15 if task == WORKERS else 13]))
            process = _Process(task, int(fields[1]), ticks / _TICKS_PER_SECOND, self._count)
            self._processes[pid] = process
            self._memory[task] = max(self._memory[task], _peak_bytes(status))

    def cpu(self) -> dict[str, float]:
        """Return the CPU seconds by task."""
        totals: dict[str, float] = defaultdict(float)
        for process in self._processes.values():
            if not self._is_counted_by_parent(process):
                totals[process.task] += process.seconds
        return dict(totals)

    def _is_counted_by_parent(self, process: _Process) -> bool:
        """Return whether a process is the child of a worker, which waits for it.

        The daemon, from which Spark forks the workers, does not wait for them.
        """
        parent = self._processes.get(process.parent)
        daemon = self._processes.get(parent.parent) if parent else None
        return (
            daemon is not None
            and parent is not None
            and process.task == parent.task == daemon.task == WORKERS
        )

    def memory(self) -> dict[str, int]:
        """Return the peak memory in bytes by task."""
        return dict(self._memory)


def _task(command: bytes) -> str:
    """Return the task of a process of the job from its command line."""
    if b"CoarseGrainedExecutorBackend" in command:
        return EXECUTORS
    program = command.split(b"\0")[0]
    if program.endswith((b"java", b"bash", b"setpriv")):
        return JAVA
    return WORKERS if b"daemon" in command else DRIVER


def _peak_bytes(status: str) -> int:
    """Return the peak resident memory in the text of /proc/PID/status."""
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _descendants(roots: Sequence[int]) -> list[int]:
    """Return the process IDs of trees."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children[parent].append(int(entry.name))
    found, todo = [], list(roots)
    while todo:
        process = todo.pop()
        found.append(process)
        todo += children[process]
    return found


def run_safelight(
    command: str,
    arguments: Sequence[object],
    place: Path,
    checkout: Path = ROOT,
    executors: Iterable[int] = (),
    has_key: bool = True,
) -> Measurement:
    """Run a command of a checkout and measure it.

    Parameters
    ----------
    command : str
        Name of the sub-command.
    arguments : sequence
        Its arguments, without the key.
    place : Path
        Folder for the key.
    checkout : Path
        Root of the source tree that is run.
    executors : iterable of int
        Process IDs of the workers of a cluster.
    has_key : bool
        Give the command a key.

    Returns
    -------
    Measurement
        Time and memory of the command.

    Raises
    ------
    RuntimeError
        If the command fails.
    """
    words = [sys.executable, "-m", "jobs.cli", command, *map(str, arguments)]
    if has_key:
        key = place / "key.hex"
        key.write_text(KEY)
        words += ["--key", f"file:{key}"]
    started = time.monotonic()
    process = subprocess.Popen(
        words,
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return measure(process, started, executors)


def measure(
    process: subprocess.Popen[str], started: float, executors: Iterable[int] = ()
) -> Measurement:
    """Wait for a process that prints a summary, and measure it.

    Parameters
    ----------
    process : subprocess.Popen
        Process whose stdout and stderr are pipes.
    started : float
        Its start on the monotonic clock.
    executors : iterable of int
        Process IDs of the workers of a cluster.

    Raises
    ------
    RuntimeError
        If the process fails.
    """
    sampler = ProcessSampler([process.pid, *executors])
    while True:
        sampler.sample()
        try:
            stdout, stderr = process.communicate(timeout=_INTERVAL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        break
    seconds = time.monotonic() - started
    if process.returncode:
        raise RuntimeError(f"exit code {process.returncode}: {stderr[-2000:]}")
    summary = json.loads(stdout.splitlines()[-1])
    return Measurement(seconds, summary, sampler.cpu(), sampler.memory())
