"""The Spark session: all of it on a laptop, only what is missing under ``spark-submit``."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.common.cli.errors import JobError, UsageError

if TYPE_CHECKING:
    from importlib.abc import Traversable

    from pyspark.sql import SparkSession

#: Read as resources, since a cluster may have the packages in a zip file.
_CONF = files("conf")
JARS = Path(str(_CONF / "jars" / "lib"))


def read_conf(path: Traversable) -> dict[str, str]:
    """Settings of a file in the form of spark-defaults.conf: a name, white space, a value."""
    settings = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.strip().partition(" ")
        if name and not name.startswith("#"):
            settings[name] = value.strip()
    return settings


def parse_settings(pairs: Iterable[str]) -> dict[str, str]:
    """``K=V`` arguments.

    Raises
    ------
    UsageError
        If one has another form.
    """
    settings = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name.startswith("spark."):
            raise UsageError("--spark-conf takes spark.NAME=VALUE")
        settings[name] = value
    return settings


def endpoint_settings() -> dict[str, str]:
    """S3A's settings for the endpoint that boto3 reads from the environment, if any."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return {}
    return {
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": str(endpoint.startswith("https")).lower(),
        "spark.hadoop.fs.s3a.endpoint.region": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
    }


def _java_settings(settings: dict[str, str]) -> dict[str, str]:
    """What must be settled before Java starts: with spark-submit, by its own arguments."""
    if not any(JARS.glob("delta-spark_*.jar")):
        raise JobError("the jars are missing: run `make jars` (it needs Maven) and try again")
    options = (
        settings.get("spark.driver.extraJavaOptions", ""),
        f"-Dlog4j2.configurationFile=file:{_CONF / 'spark' / 'log4j2.properties'}",
        f"-Dderby.system.home={tempfile.gettempdir()}",
    )
    return {
        # Jars on the class path are used where they stand; spark.jars would copy them.
        "spark.driver.extraClassPath": f"{JARS}/*",
        "spark.driver.extraJavaOptions": " ".join(options).strip(),
    }


def _stay_on_this_machine() -> None:
    """Local Spark talks to itself over the loopback address, whatever the machine is called."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)


@contextmanager
def _stdout_kept_for_us() -> Iterator[None]:
    """Java inherits stdout when it is started: let what libraries print there go to stderr."""
    sys.stdout.flush()
    ours = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(ours, 1)
        os.close(ours)


def start_session(
    name: str, master: str | None = None, settings: dict[str, str] | None = None
) -> SparkSession:
    """The session of a job.

    Under ``spark-submit`` master and settings of the cluster win over the shipped ones;
    ``--spark-conf`` wins over both.

    Raises
    ------
    JobError
        If Java or the jars are missing, or Spark does not start.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    if "PYSPARK_GATEWAY_PORT" in os.environ:  # spark-submit has started Java with its settings
        SparkContext._ensure_initialized()
    submitted = SparkConf()
    given = submitted.get("spark.master", None)
    local = (master or given or "local[*]").startswith("local")
    shipped = read_conf(_CONF / "spark" / "common.conf")
    if local:
        shipped |= read_conf(_CONF / "spark" / "local.conf") | endpoint_settings()
    if local and not given:
        if not has_java():
            raise JobError(
                "Java is missing: install JDK 17 (Debian: openjdk-17-jdk-headless), or let "
                "JAVA_HOME lead to it"
            )
        _stay_on_this_machine()
        shipped |= _java_settings(shipped)
    builder = SparkSession.builder.appName(f"safelight {name}")
    if master or not given:
        builder = builder.master(master or "local[*]")
    for key, value in shipped.items():
        if not submitted.contains(key):
            builder = builder.config(key, value)
    for key, value in (settings or {}).items():
        builder = builder.config(key, value)
    try:
        with _stdout_kept_for_us():
            session = builder.getOrCreate()
    except Exception as error:  # py4j's and pyspark's own, before any data is read
        raise JobError(f"Spark does not start ({type(error).__name__})") from error
    session.sparkContext.setLogLevel("ERROR")
    return session


@contextmanager
def session(
    name: str, master: str | None = None, settings: dict[str, str] | None = None
) -> Iterator[SparkSession]:
    """The session that runs already, as in a notebook, or one for the block."""
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        yield running
        return
    spark = start_session(name, master, settings)
    try:
        yield spark
    finally:
        spark.stop()


@contextmanager
def lazy_session(
    name: str, master: str | None = None, settings: dict[str, str] | None = None
) -> Iterator[Callable[[], SparkSession]]:
    """Gives the session of the block to who asks for it: one that nobody needs is not started."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(session(name, master, settings)))


def has_java() -> bool:
    """Whether a Java runtime is where Spark will look for it."""
    home = os.environ.get("JAVA_HOME")
    return Path(home, "bin", "java").exists() if home else shutil.which("java") is not None
