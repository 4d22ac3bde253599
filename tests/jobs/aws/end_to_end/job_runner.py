"""Execute a job run that moto has recorded, as EMR Serverless would.

The places of EMR are replaced by those of this machine: the entry point and the archive are fetched
from S3, and the archive is unpacked in the working directory of the driver.
"""

from __future__ import annotations

import gzip
import os
import shlex
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyspark

from tests.cluster.distribution import DELTA_JARS, S3A_JARS
from tests.jobs.aws.end_to_end.system import System
from tools.distribution.assemble import JARS

_DRIVER_VARIABLE = "spark.emr-serverless.driverEnv."

#: Settings for one small machine instead of a cluster.
_LOCAL_SETTINGS = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.ui.enabled": "false",
}


@dataclass
class JobRun:
    """Executed job run.

    Attributes
    ----------
    code : int
        Exit code of the driver.
    stdout, stderr : str
        Output of the driver.
    """

    code: int
    stdout: str
    stderr: str


class JobRunner:
    """Executor of job runs.

    Parameters
    ----------
    system : System
    folder : Path
        Folder for the working directories of the drivers.
    """

    def __init__(self, system: System, folder: Path):
        self._system = system
        self._folder = folder

    def execute(self, run: dict[str, Any], role: str) -> JobRun:
        """Execute a job run as a role, and store its logs where the run says."""
        folder = self._folder / run["jobRunId"]
        folder.mkdir(parents=True)
        submit = run["jobDriver"]["sparkSubmit"]
        settings = _read_settings(submit["sparkSubmitParameters"])
        if archive := settings.pop("spark.archives", None):
            uri, _, name = archive.partition("#")
            with tarfile.open(self._fetch(uri, folder)) as packed:
                packed.extractall(folder / name, filter="fully_trusted")
        for jar in settings.pop("spark.jars").split(","):
            assert jar.startswith(("/usr/share/aws/delta/lib/", "s3://")), "a jar of EMR or ours"
        jars = [str(jar) for pattern in DELTA_JARS + S3A_JARS for jar in JARS.glob(pattern)]
        settings |= _LOCAL_SETTINGS | {"spark.jars": ",".join(jars)}
        variables = {
            name.removeprefix(_DRIVER_VARIABLE): value
            for name, value in settings.items()
            if name.startswith(_DRIVER_VARIABLE)
        }
        command = [str(Path(pyspark.__file__).parent / "bin" / "spark-submit")]
        command += ["--master", "local[2]"]
        for name, value in settings.items():
            command += ["--conf", f"{name}={value}"]
        command += [str(self._fetch(submit["entryPoint"], folder)), *submit["entryPointArguments"]]
        done = subprocess.run(
            command,
            cwd=folder,
            env=self._environment(folder, role) | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        self._store_logs(run, done)
        return JobRun(done.returncode, done.stdout, done.stderr)

    def _environment(self, folder: Path, role: str) -> dict[str, str]:
        """Return the variables of a container."""
        kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ}
        return kept | self._system.identify(role) | {"HOME": str(folder)}

    def _fetch(self, uri: str, folder: Path) -> Path:
        place = urlsplit(uri)
        target = folder / Path(place.path).name
        self._system.client("s3").download_file(place.netloc, place.path[1:], str(target))
        return target

    def _store_logs(self, run: dict[str, Any], done: subprocess.CompletedProcess[str]) -> None:
        """Store the output of the driver ("Storing logs" in the user guide of EMR Serverless)."""
        overrides = run["configurationOverrides"]["monitoringConfiguration"]
        place = urlsplit(overrides["s3MonitoringConfiguration"]["logUri"])
        names = (place.path.strip("/"), "applications", run["applicationId"], "jobs")
        for name, text in (("stdout", done.stdout), ("stderr", done.stderr)):
            key = "/".join((*names, run["jobRunId"], "SPARK_DRIVER", f"{name}.gz"))
            self._system.client("s3").put_object(
                Bucket=place.netloc, Key=key, Body=gzip.compress(text.encode())
            )


def _read_settings(parameters: str) -> dict[str, str]:
    """Return the settings of ``sparkSubmitParameters``."""
    words = shlex.split(parameters)
    assert set(words[::2]) == {"--conf"}
    return dict(word.split("=", 1) for word in words[1::2])
