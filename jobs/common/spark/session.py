"""Start a Spark session: all of it on one machine, only what is missing under ``spark-submit``."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.redirected_stdout import stdout_redirected
from jobs.common.spark.aws_access import endpoint_properties, share_aws_access
from jobs.common.spark.class_archive import archive_options
from jobs.common.spark.cluster_check import ClusterNeeds, check_cluster
from jobs.common.spark.driver_memory import return_freed_memory
from jobs.common.spark.settings_file import read_conf
from jobs.common.spark.setup_errors import describe_setup_error

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

#: Time in which the master of a standalone cluster has to accept a connection.
MASTER_SECONDS = 10

#: Setting for which --endpoint-url exists.
S3A_ENDPOINT = "spark.hadoop.fs.s3a.endpoint"

#: Read as resources, since a cluster may have the packages in a zip file.
_CONF = files("conf")
#: A local master without the number of failures of a task, which is then 1.
_LOCAL_WITHOUT_REPEATS = re.compile(r"local(?:\[([^,\]]+)\])?")
#: Failures of one task after which a job fails in local mode: the default of Spark on a cluster.
LOCAL_TASK_MAX_FAILURES = 4

#: The limit of Spark on executors, if none is set.
_UNLIMITED_EXECUTORS = 2**31 - 1

JARS = Path(str(_CONF / "jars" / "lib"))

JAVA_OPTIONS = "spark.driver.extraJavaOptions"
_LOG_OPTION = (
    f"-Dlog4j2.configurationFile={Path(str(_CONF / 'spark' / 'log4j2.properties')).as_uri()}"
)


def parse_settings(pairs: Iterable[str]) -> dict[str, str]:
    """Return the settings of ``K=V`` arguments.

    Raises
    ------
    UsageError
        If an argument has another form, or names an endpoint that only Spark would use.
    """
    settings = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name.startswith("spark."):
            raise UsageError("--spark-conf takes spark.NAME=VALUE")
        settings[name] = value
    if S3A_ENDPOINT in settings and not endpoint_properties():
        raise UsageError(
            f"{S3A_ENDPOINT} applies to Spark only; give --endpoint-url, which applies to sources, "
            "outputs and tables"
        )
    return settings


def start_session(
    name: str,
    master: str | None = None,
    settings: dict[str, str] | None = None,
    java_options: Sequence[str] | None = None,
) -> SparkSession:
    """Start the session of a job.

    Under ``spark-submit``, master and settings of the cluster override the shipped ones, and
    ``--spark-conf`` overrides both.

    Parameters
    ----------
    name : str
        Name of the job.
    master : str, optional
        Spark master (default: that of ``spark-submit``, else all cores of this machine).
    settings : dict, optional
        Settings of ``--spark-conf``.
    java_options : sequence of str, optional
        Further options of local Java (default: those of the class archive, if there is one).

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
    submitted_master = submitted.get("spark.master", None)
    builder = SparkSession.builder.appName(f"safelight {name}")
    builder = builder.master(repeat_failed_tasks(master or submitted_master or "local[*]"))
    require_master(master or submitted_master)
    if java_options is None:
        java_options = archive_options(JARS)
    shipped = _shipped_settings(submitted, master or submitted_master, java_options)
    for key, value in shipped.items():
        if not submitted.contains(key):
            builder = builder.config(key, value)
    for key, value in (settings or {}).items():
        builder = builder.config(key, value)
    try:
        with stdout_redirected(), _interrupt_handler_kept():
            session = builder.getOrCreate()
    except Exception as error:  # classes of py4j and pyspark, before any data is read
        advice = describe_setup_error(error) or (
            f"{type(error).__name__}; the lines of Java before this one name the cause"
        )
        raise JobError(f"Spark does not start: {advice}") from error
    session.sparkContext.setLogLevel("ERROR")
    if not is_local(session.sparkContext.master):
        share_aws_access(session)
    return session


def repeats_failed_tasks(master: str) -> bool:
    """Return whether Spark repeats a task that has failed."""
    return _LOCAL_WITHOUT_REPEATS.fullmatch(master) is None


def repeat_failed_tasks(master: str) -> str:
    """Return a Spark master that repeats failed tasks; local Spark does not without a number.

    A task fails if an object ends its worker, and the repeated task isolates the objects.
    """
    match = _LOCAL_WITHOUT_REPEATS.fullmatch(master)
    return f"local[{match[1] or 1},{LOCAL_TASK_MAX_FAILURES}]" if match else master


def require_master(master: str | None) -> None:
    """Check that a master of a standalone cluster can be reached, for which Spark takes a minute.

    Parameters
    ----------
    master : str or None
        Spark master. Others than ``spark://HOST:PORT,HOST:PORT…`` are not checked.

    Raises
    ------
    JobError
        If no host of the URL accepts connections.
    """
    if master is None or not master.startswith("spark://"):
        return
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), MASTER_SECONDS):
                return
        except (OSError, ValueError):
            continue
    raise JobError(
        "the Spark master cannot be reached: check the host and the port of --master, and that the "
        "master runs"
    )


def count_allocatable_cores(conf: SparkConf) -> int:
    """Return the cores that dynamic allocation may reach; 0 without it or without a limit."""
    if conf.get("spark.dynamicAllocation.enabled", "false") != "true":
        return 0
    executors = int(conf.get("spark.dynamicAllocation.maxExecutors", "0") or 0)
    if executors >= _UNLIMITED_EXECUTORS:
        return 0
    return executors * int(conf.get("spark.executor.cores", "1") or 1)


def is_local(master: str | None) -> bool:
    """Return whether a Spark master is this machine, as it is if none is given."""
    return master is None or re.match(r"local(\[|$)", master) is not None


@contextmanager
def session(
    name: str,
    master: str | None = None,
    settings: dict[str, str] | None = None,
    needs: ClusterNeeds | None = None,
) -> Iterator[SparkSession]:
    """Provide the active session, as of a notebook, or a new one that ends with the block.

    An active session is used as it is: the arguments apply only to a new one. On a cluster, a
    pre-flight task checks a new session.

    Parameters
    ----------
    name : str
        Name of the job.
    master : str, optional
        Spark master; see :func:`start_session`.
    settings : dict, optional
        Settings of ``--spark-conf``.
    needs : ClusterNeeds, optional
        What the command needs of a cluster (default: Delta alone).

    Yields
    ------
    SparkSession
        The session.

    Raises
    ------
    JobError
        If Java or the jars are missing, Spark does not start, or the cluster cannot run the
        command.
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    spark = start_session(name, master, settings)
    try:
        if not is_local(spark.sparkContext.master):
            check_cluster(spark, needs or ClusterNeeds())
        yield spark
    except KeyboardInterrupt:
        with suppress(Exception):  # Java may have ended before
            spark.sparkContext.setLogLevel("OFF")
        raise
    finally:
        stop_session(spark)


def stop_session(spark: SparkSession) -> None:
    """Stop a session without the pause of PySpark.

    PySpark waits up to one second until its server of accumulators, which jobs do not use, has
    polled its connection once more. The server ends in a thread of its own instead.

    Parameters
    ----------
    spark : SparkSession
        The session to stop.
    """
    context = spark.sparkContext
    server = getattr(context, "_accumulatorServer", None)
    if server is not None:
        Thread(target=server.shutdown, daemon=True).start()
        context._accumulatorServer = None  # type: ignore[assignment]
    spark.stop()


@contextmanager
def lazy_session(
    name: str,
    master: str | None = None,
    settings: dict[str, str] | None = None,
    needs: ClusterNeeds | None = None,
) -> Iterator[Callable[[], SparkSession]]:
    """Provide a function that returns the session of the block and starts it at the first call.

    See :func:`session`.

    Parameters
    ----------
    name : str
        Name of the job.
    master : str, optional
        Spark master; see :func:`start_session`.
    settings : dict, optional
        Settings of ``--spark-conf``.
    needs : ClusterNeeds, optional
        What the command needs of a cluster (default: Delta alone).

    Yields
    ------
    callable
        Function without parameters that returns the session. It raises ``JobError`` if Spark does
        not start.
    """
    return_freed_memory()
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(session(name, master, settings, needs)))


def has_java() -> bool:
    """Return whether a Java runtime is where Spark searches for it."""
    home = os.environ.get("JAVA_HOME")
    return Path(home, "bin", "java").exists() if home else shutil.which("java") is not None


def _shipped_settings(
    submitted: SparkConf, master: str | None, java_options: Sequence[str]
) -> dict[str, str]:
    """Return the settings of conf/spark/ for a master; prepare the environment of local Spark.

    Raises
    ------
    JobError
        If Java or the jars are missing.
    """
    shipped = read_conf(_CONF / "spark" / "common.conf")
    is_submitted = submitted.get("spark.master", None) is not None
    if not is_submitted and not has_java():
        raise JobError(
            "Java is missing: install JDK 17 (Debian: openjdk-17-jdk-headless), or set JAVA_HOME "
            "to its folder"
        )
    if not is_local(master):
        return shipped if is_submitted else shipped | {JAVA_OPTIONS: _LOG_OPTION}
    shipped |= read_conf(_CONF / "spark" / "local.conf")
    properties = endpoint_properties().items()
    shipped |= {f"spark.hadoop.{name}": value for name, value in properties}
    if not is_submitted:
        _use_loopback_address()
        shipped |= _java_settings(shipped, java_options)
    return shipped


def _java_settings(settings: dict[str, str], java_options: Sequence[str]) -> dict[str, str]:
    """Return the settings that must be known before Java starts; spark-submit has its own."""
    if not any(JARS.glob("delta-spark_*.jar")):
        raise JobError("the jars are missing: run `make jars` (it needs Maven) and try again")
    paths = (_LOG_OPTION, f"-Dderby.system.home={tempfile.gettempdir()}", *java_options)
    options = (settings.get(JAVA_OPTIONS, ""), *map(quote_option, paths))
    return {
        # Jars on the class path are read in place; spark.jars would copy them.
        "spark.driver.extraClassPath": f"{JARS}/*",
        JAVA_OPTIONS: " ".join(options).strip(),
    }


def quote_option(option: str) -> str:
    """Return an option of Java as Spark divides a list of them: a path may hold spaces."""
    if not re.search(r"""[\s"'\\]""", option):
        return option
    escaped = option.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _use_loopback_address() -> None:
    """Let local Spark use the loopback address, whatever the name of the machine is."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)


@contextmanager
def _interrupt_handler_kept() -> Iterator[None]:
    """Keep PySpark from replacing the handler of SIGINT.

    Its handler calls Java from within whatever call to Java the signal has interrupted.
    """
    from pyspark import context

    module: Any = context  # a module has no attributes for mypy but those that it exports
    used = module.signal
    module.signal = SimpleNamespace(SIGINT=signal.SIGINT, signal=lambda *_: None)
    try:
        yield
    finally:
        module.signal = used
