"""Run the real command in a process of its own, with faults, and wait for all that it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.faults.injection import FAULTS_VARIABLE, HOOKS, Fault, Plan, Setting

ROOT = Path(__file__).parents[2]

#: Seconds after which a run that has not ended is killed, and its test fails.
RUN_MAX_SECONDS = 900.0

#: Names of patients and files in the study. No run may print one.
PLANTED_WORDS = ("archibald", "doe-peter", "98890234", "CompressedSamples", "cut-short")

#: Small tasks and batches, so that a small input has several of both.
SMALL_BATCHES = (
    Setting("jobs.common.sources.packing:TASK_MAX_FILES", 3),
    Setting("jobs.common.sources.packing:TASKS_PER_CORE", 1),
)


@dataclass(frozen=True)
class Place:
    """Locations that a run reads and writes.

    Attributes
    ----------
    folder : Path
        Local folder for logs, temporary files and the state of faults.
    input : str
        URI of the input.
    key_file : str
        Reference to the key.
    uri : str
        Folder of the output and the tables; on S3 or local.
    options : tuple of str
        Further arguments.
    environment : dict
        Further environment variables, such as those of an S3 server.
    settings : tuple of Setting
        Constants that runs use with other values.
    job : str
        Sub-command: ``deidentify`` or ``notes``.
    """

    folder: Path
    input: str
    key_file: str
    uri: str
    options: tuple[str, ...] = ("--pixels", "off", "--text", "off")
    environment: dict[str, str] = field(default_factory=dict)
    settings: tuple[Setting, ...] = SMALL_BATCHES
    job: str = "deidentify"

    @property
    def output(self) -> str:
        """Return the URI of the output."""
        return f"{self.uri}/out"

    @property
    def tables(self) -> str:
        """Return the URI of the tables."""
        return f"{self.uri}/tables"

    @property
    def temporary(self) -> Path:
        """Return the folder for the temporary files of Python, Java and Spark."""
        return self.folder / "tmp"

    def command(self, plan: Plan) -> list[str]:
        """Return the command of a run with the faults of a plan."""
        del plan  # it is in the environment
        arguments = ["--input", self.input, "--key", self.key_file]
        arguments += ["--output", self.output, "--tables", self.tables, *self.options]
        return [sys.executable, "-m", "jobs.cli", self.job, "--master", "local[2]", *arguments]

    def variables(self, plan: Plan) -> dict[str, str]:
        """Return the environment of the driver of a run with the faults of a plan."""
        return {
            **os.environ,
            "PYTHONPATH": f"{HOOKS}{os.pathsep}{ROOT}",
            "TMPDIR": str(self.temporary),
            "SPARK_LOCAL_DIRS": str(self.temporary),
            "JAVA_TOOL_OPTIONS": f"-Djava.io.tmpdir={self.temporary}",
            FAULTS_VARIABLE: plan.to_json(),
            **self.environment,
        }

    def working_folder(self, log: Path) -> Path:
        """Return the working directory of a run with this folder of logs."""
        return log

    def changed(self, **fields: Any) -> Place:
        """Return the place with other fields."""
        return replace(self, **fields)


@dataclass
class Run:
    """A run that has begun.

    Attributes
    ----------
    process : Popen
        The driver, leader of a session of its own.
    plan : Plan
        Faults of the run.
    log : Path
        Folder with ``stdout`` and ``stderr``.
    """

    process: subprocess.Popen[bytes]
    plan: Plan
    log: Path

    @property
    def stdout(self) -> str:
        """Return what the run has printed on stdout."""
        return (self.log / "stdout").read_text(errors="replace")

    @property
    def stderr(self) -> str:
        """Return what the run has printed on stderr."""
        return (self.log / "stderr").read_text(errors="replace")

    @property
    def code(self) -> int:
        """Return the exit code; negative for a signal."""
        assert self.process.returncode is not None, "the run has not ended"
        return self.process.returncode

    @property
    def summary(self) -> dict[str, Any]:
        """Return the JSON object of the last line on stdout."""
        return dict(json.loads(self.stdout.splitlines()[-1]))

    def wait(self) -> Run:
        """Wait for the driver and then for all processes that it started."""
        try:
            self.process.wait(RUN_MAX_SECONDS)
        except subprocess.TimeoutExpired:
            kill_session(self.process.pid)
            raise AssertionError(f"the run does not end:\n{self.stderr}") from None
        _wait_for_session(self.process.pid)
        assert not self.plan.missing(), f"no such function: {self.plan.missing()}"
        printed = (self.stdout + self.stderr).lower()
        found = [word for word in PLANTED_WORDS if word.lower() in printed]
        assert not found, f"the run prints {found}:\n{printed}"
        return self

    def wait_for_fault(self, name: str = "fault") -> None:
        """Wait until a fault has fired."""
        deadline = time.monotonic() + RUN_MAX_SECONDS
        while not self.plan.fired(name):
            assert self.process.poll() is None, f"the run ended before the fault:\n{self.stderr}"
            assert time.monotonic() < deadline, f"the fault has not fired:\n{self.stderr}"
            time.sleep(0.02)


@contextmanager
def started(
    place: Place, *faults: Fault, arguments: Sequence[str] = (), debug: bool = False
) -> Iterator[Run]:
    """Start a run, and kill its remaining processes at the end of the block.

    Parameters
    ----------
    place : Place
    faults : Fault
    arguments : sequence of str
        Arguments that only this run has.
    debug : bool
        Log the Python processes at the level DEBUG.
    """
    log = place.folder / "runs" / uuid4().hex[:8]
    state = log / "state"
    state.mkdir(parents=True)
    place.temporary.mkdir(exist_ok=True)
    plan = Plan(state, faults, place.settings, log / "python.log" if debug else None)
    words = [*place.command(plan), *arguments]
    with (log / "stdout").open("wb") as out, (log / "stderr").open("wb") as err:
        process = subprocess.Popen(
            words,
            stdout=out,
            stderr=err,
            cwd=place.working_folder(log),
            env=place.variables(plan),
            start_new_session=True,
        )
    try:
        yield Run(process, plan, log)
    finally:
        kill_session(process.pid)
        process.wait()


def run(place: Place, *faults: Fault, arguments: Sequence[str] = ()) -> Run:
    """Run the command to its end; each fault must fire.

    Parameters
    ----------
    place : Place
    faults : Fault
    arguments : sequence of str
        Arguments that only this run has.
    """
    with started(place, *faults, arguments=arguments) as begun:
        begun.wait()
    quiet = [fault for fault in faults if not begun.plan.fired(fault.name)]
    assert not quiet, f"these faults have not fired: {quiet}\n{begun.stderr}"
    return begun


def complete(place: Place, arguments: Sequence[str] = ()) -> Run:
    """Run the command without faults; it must succeed."""
    done = run(place, arguments=arguments)
    assert done.code == 0, f"exit code {done.code}:\n{done.stdout}\n{done.stderr}"
    return done


def session_members(leader: int) -> list[int]:
    """Return the processes of a session; daemons of Spark change their group, not their session."""
    members = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                members.append(int(entry.name))
    return members


def kill_session(leader: int) -> None:
    """Kill all processes of a session."""
    while members := session_members(leader):
        for pid in members:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)


def _wait_for_session(leader: int) -> None:
    """Wait for the processes that outlive the driver; they must end by themselves."""
    deadline = time.monotonic() + 60
    while members := session_members(leader):
        if time.monotonic() > deadline:
            names = [Path(f"/proc/{pid}/cmdline").read_bytes()[:200] for pid in members]
            raise AssertionError(f"processes outlive the run: {names}")
        time.sleep(0.05)
