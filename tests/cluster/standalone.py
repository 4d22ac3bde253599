"""Spark standalone cluster on the loopback address: a master, workers, and a shared secret.

The processes run from the pyspark package of this environment, in a folder of their own and
without the source tree on their path.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

SPARK_HOME = Path(pyspark.__file__).parent

#: Variable that all processes of a cluster inherit, to find each of them when the cluster ends.
_MARKER = "SAFELIGHT_TEST_CLUSTER"

_START_SECONDS = 300


@dataclass
class Worker:
    """One worker of the cluster.

    Attributes
    ----------
    process : subprocess.Popen
        Process of the worker; its executors are its children.
    folder : Path
        Folders of the applications, with the logs and the unpacked archives of the executors.
    """

    process: subprocess.Popen[bytes]
    folder: Path


@dataclass
class StandaloneCluster:
    """Running cluster.

    Attributes
    ----------
    folder : Path
        Folder of everything that the cluster writes.
    secret : str
        Secret that Spark's processes authenticate with.
    master : str
        URL for ``--master``.
    web : str
        URL of the master's web interface.
    workers : list of Worker
    """

    folder: Path
    secret: str
    marker: str
    master: str = ""
    web: str = ""
    workers: list[Worker] = field(default_factory=list)
    _master_process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Variables of the cluster's processes and of a client: no path of the source tree."""
        kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ}
        return kept | {
            "HOME": str(self.folder),
            "SPARK_HOME": str(SPARK_HOME),
            "SPARK_CONF_DIR": str(self.folder / "conf"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            _MARKER: self.marker,
        }

    def add_workers(self, count: int, cores: int = 1, memory: str = "2g") -> None:
        """Start workers and wait until the master has registered them.

        Parameters
        ----------
        count : int
            Number of workers to start.
        cores : int
            Cores that each worker offers.
        memory : str
            Memory that each worker offers, as ``2g``.
        """
        if not count:
            return
        expected = len(self.alive_workers()) + count
        for number in range(len(self.workers), len(self.workers) + count):
            folder = self.folder / f"worker-{number}"
            process = self._start(
                f"worker-{number}.log",
                "org.apache.spark.deploy.worker.Worker",
                *("--cores", str(cores), "--memory", memory, "--work-dir", str(folder)),
                *("--webui-port", "0", self.master),
            )
            self.workers.append(Worker(process, folder))
        last = self.workers[-1]
        log = f"worker-{len(self.workers) - 1}.log"
        self._wait(lambda: len(self.alive_workers()) >= expected, log, last.process)

    def alive_workers(self) -> list[dict[str, object]]:
        """Return the registered workers as the master describes them."""
        with urllib.request.urlopen(f"{self.web}/json/", timeout=10) as response:
            state = json.load(response)
        return [worker for worker in state["workers"] if worker["state"] == "ALIVE"]

    @property
    def pids(self) -> list[int]:
        """Process IDs of all processes of the cluster and of its clients."""
        return self._find_processes(b"")

    def executors(self) -> list[int]:
        """Return the process IDs of the executors."""
        return self._find_processes(b"CoarseGrainedExecutorBackend")

    def python_workers(self) -> list[int]:
        """Return the process IDs of the Python daemons and workers of the executors."""
        daemons = (b"pyspark.daemon", b"jobs.common.python_daemon")
        return [pid for daemon in daemons for pid in self._find_processes(daemon)]

    def executor_logs(self) -> list[Path]:
        """Return the logs of the executors."""
        return sorted(self.folder.glob("worker-*/app-*/*/std*"))

    def start_master(self) -> None:
        """Start the master and wait until it listens."""
        process = self._start(
            "master.log",
            "org.apache.spark.deploy.master.Master",
            "--port",
            "0",
            "--webui-port",
            "0",
        )
        self._master_process = process
        log = self.folder / "master.log"

        def find_addresses() -> bool:
            text = log.read_text(errors="replace")
            master = re.search(r"Starting Spark master at (spark://\S+)", text)
            web = re.search(r"Bound MasterWebUI to \S+, and started at (\S+)", text)
            if master and web:
                self.master, self.web = master[1], web[1]
            return bool(master and web)

        self._wait(find_addresses, "master.log", process)

    def stop(self) -> None:
        """Kill every process of the cluster: master, workers, executors, Python workers."""
        while processes := self.pids:
            for pid in processes:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            for child in (self._master_process, *(worker.process for worker in self.workers)):
                if child is not None:
                    child.wait()
            time.sleep(0.05)

    def _start(self, log: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a class of Spark, which ends at the latest with this process."""
        command = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        command += [str(SPARK_HOME / "bin" / "spark-class"), *arguments]
        with (self.folder / log).open("wb") as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _wait(
        self, is_ready: Callable[[], bool], log: str, process: subprocess.Popen[bytes]
    ) -> None:
        """Wait until a process is ready.

        Raises
        ------
        RuntimeError
            If it ends or is not ready in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / log).read_text(errors="replace"))
            time.sleep(0.1)

    def _find_processes(self, text: bytes) -> list[int]:
        """Return the processes of this cluster whose command line holds a text."""
        marker = f"{_MARKER}={self.marker}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                if (
                    marker in (folder / "environ").read_bytes().split(b"\0")
                    and text in (folder / "cmdline").read_bytes()
                ):
                    found.append(int(folder.name))
            except OSError:  # the process has ended, or belongs to another user
                continue
        return sorted(found)


@contextmanager
def standalone_cluster(
    folder: Path, workers: int = 2, cores: int = 1
) -> Iterator[StandaloneCluster]:
    """Run a cluster with authentication and encrypted connections, and stop it surely.

    Parameters
    ----------
    folder : Path
        Empty folder of everything that the cluster writes.
    workers : int
        Number of workers.
    cores : int
        Cores of each worker.

    Yields
    ------
    StandaloneCluster
        The cluster. Its ``environment`` is that of a client which knows the secret.
    """
    cluster = StandaloneCluster(folder, secrets.token_hex(32), secrets.token_hex(8))
    settings = {
        "spark.authenticate": "true",
        "spark.authenticate.secret": cluster.secret,
        "spark.network.crypto.enabled": "true",
    }
    (folder / "conf").mkdir(parents=True)
    (folder / "local").mkdir()
    defaults = folder / "conf" / "spark-defaults.conf"
    defaults.touch(mode=0o600)
    defaults.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    try:
        cluster.start_master()
        cluster.add_workers(workers, cores)
        yield cluster
    finally:
        cluster.stop()
