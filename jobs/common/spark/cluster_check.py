"""Check a cluster by a pre-flight task before a run does any work.

The task runs on the executors. It checks that they have the jars, the Python packages of this
version, and access to the folders of the run. While the cluster has no executor for it, a message
says so, and the check fails after a time limit.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from jobs.common.aws.client_errors import error_code
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError, describe_cause
from jobs.common.cli.log import log_event
from jobs.common.spark.setup_errors import describe_setup_error
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location
from safelight.version import VERSION

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

#: Setting of the time limit for the first executor.
WAIT_SETTING = "spark.safelight.executorWaitSeconds"

#: Time limits in seconds. YARN and Kubernetes may have to start machines.
STANDALONE_WAIT_SECONDS = 120
OTHER_WAIT_SECONDS = 900

NOTICE_SECONDS = 20

#: Tasks of the check: enough to reach several executors, few enough to take no time.
MAX_TASKS = 32

DELTA_CLASS = "io.delta.sql.DeltaSparkSessionExtension"
S3A_CLASS = "org.apache.hadoop.fs.s3a.S3AFileSystem"
SPARK_NLP_CLASS = "com.johnsnowlabs.nlp.DocumentAssembler"

_JARS = {
    DELTA_CLASS: "delta-spark and delta-storage",
    S3A_CLASS: "hadoop-aws and aws-java-sdk-bundle",
    SPARK_NLP_CLASS: "spark-nlp and onnxruntime",
}

#: Packages that the workers import, among them those with native code.
_PACKAGES = (
    "boto3", "cryptography", "cv2", "deltalake", "gdcm", "numpy", "onnxruntime", "pandas", "PIL",
    "pyarrow", "pydicom", "pypdfium2", "rapidocr", "yaml",
)  # fmt: skip

#: Row of a task of the check: the Java classes that its executor lacks.
_MISSING_CLASS = (
    "CASE WHEN java_method('org.apache.spark.util.Utils', 'classIsLoadable', '{0}') = 'true' "
    "THEN NULL ELSE '{0}' END"
)
_FINDINGS = pa.schema(
    {
        "classes": pa.string(),
        "safelight": pa.string(),
        "packages": pa.string(),
        "folder": pa.int32(),
        "problem": pa.string(),
    }
)
_FINDINGS_DDL = "classes string, safelight string, packages string, folder int, problem string"


@dataclass(frozen=True)
class ClusterNeeds:
    """Requirements of a command on a cluster.

    Attributes
    ----------
    folders : tuple of (str, Location)
        Folders that the executors read or write, with the option that names each.
    text_model : bool
        Whether texts are annotated by Spark NLP.
    mapping_table : str
        DynamoDB table of the mapping; empty if there is none.
    """

    folders: tuple[tuple[str, Location], ...] = ()
    text_model: bool = False
    mapping_table: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the Java classes that driver and executors must find."""
        needs_s3 = any(location.on_s3 for _, location in self.folders)
        return (
            DELTA_CLASS,
            *((S3A_CLASS,) if needs_s3 else ()),
            *((SPARK_NLP_CLASS,) if self.text_model else ()),
        )


class Finding(NamedTuple):
    """Row of the pre-flight task; a folder or table has a row if it cannot be used.

    Attributes
    ----------
    classes : str
        Missing Java classes, separated by commas.
    safelight : str
        Version of Safelight in the worker.
    packages : str
        Missing Python packages, separated by commas.
    folder : int
        Number of the folder in :class:`ClusterNeeds`, the number after the last one for the table
        of the mapping, or -1.
    problem : str
        Error code of the folder or table.
    """

    classes: str
    safelight: str
    packages: str
    folder: int
    problem: str


class WorkerCheck:
    """Function of the pre-flight task for ``mapInArrow``.

    Parameters
    ----------
    folders : sequence of Location
        Folders that workers read or write.
    mapping_table : str
        DynamoDB table that workers write; empty if there is none.
    """

    def __init__(self, folders: Sequence[Location], mapping_table: str = ""):
        self._folders = tuple(folders)
        self._mapping_table = mapping_table

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Return one or more findings per task."""
        for batch in batches:
            for classes in batch.column(0).to_pylist():
                rows = [finding._asdict() for finding in self._find(classes)]
                yield pa.RecordBatch.from_pylist(rows, _FINDINGS)

    def _find(self, classes: str) -> list[Finding]:
        packages = ",".join(name for name in _PACKAGES if find_spec(name) is None)
        problems = [
            (number, problem)
            for number, folder in enumerate(self._folders)
            if (problem := find_problem(folder))
        ]
        if self._mapping_table and (problem := find_table_problem(self._mapping_table)):
            problems.append((len(self._folders), problem))
        return [Finding(classes, VERSION, packages, *found) for found in problems or [(-1, "")]]


def find_problem(folder: Location) -> str:
    """Return the error code if this machine cannot use a folder, or an empty text.

    Parameters
    ----------
    folder : Location
        Bucket and prefix, or a local folder.
    """
    if not folder.on_s3:
        return "" if os.path.exists(folder.path) else "FileNotFoundError"
    try:
        s3_client.get_client().list_objects_v2(Bucket=folder.bucket, Prefix=folder.path, MaxKeys=1)
    except Exception as error:  # classes of botocore
        return error_code(error)
    return ""


def find_table_problem(table: str) -> str:
    """Return the error code if this machine cannot use a DynamoDB table, or an empty text.

    Parameters
    ----------
    table : str
        Name of the table.
    """
    try:
        get_client("dynamodb").describe_table(TableName=table)
    except Exception as error:  # UsageError without a region, or classes of botocore
        return error_code(error)
    return ""


def check_cluster(spark: SparkSession, needs: ClusterNeeds) -> None:
    """Check the driver and the executors.

    Parameters
    ----------
    spark : SparkSession
        Session on a cluster.
    needs : ClusterNeeds
        What the command needs.

    Raises
    ------
    JobError
        If the cluster starts no executor in time, or something is missing.
    """
    _check_driver_classes(spark, needs.classes)
    job = _BackgroundJob(lambda: _run_checks(spark, needs))
    _wait(spark.sparkContext, job)
    if isinstance(job.error, JobError):
        raise job.error
    if job.error is not None:
        advice = describe_setup_error(job.error)
        cause = describe_cause(job.error)
        raise JobError(
            advice or f"the pre-flight task failed ({cause}); see the logs of the executors"
        ) from None
    _report_findings(job.findings, needs)


class _BackgroundJob(Thread):
    """Spark job in a thread of its own, so that the caller can watch the cluster."""

    def __init__(self, find: Callable[[], list[Finding]]):
        super().__init__(daemon=True)
        self._find = find
        self.findings: list[Finding] = []
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        """Run the job and keep its result or its exception."""
        try:
            self.findings = self._find()
        except Exception as error:  # given to the caller
            self.error = error


def _run_checks(spark: SparkSession, needs: ClusterNeeds) -> list[Finding]:
    """Run the pre-flight tasks, each with a row of Java and a function in Python."""
    count = max(1, min(MAX_TASKS, spark.sparkContext.defaultParallelism))
    missing = ", ".join(_MISSING_CLASS.format(name) for name in needs.classes)
    tasks = spark.range(0, count, 1, count).selectExpr(f"concat_ws(',', {missing}) AS classes")
    check = WorkerCheck([location for _, location in needs.folders], needs.mapping_table)
    return [Finding(*row) for row in tasks.mapInArrow(check, _FINDINGS_DDL).collect()]


def _check_driver_classes(spark: SparkSession, java_classes: Sequence[str]) -> None:
    """Raise if the driver lacks a Java class."""
    utils = spark.sparkContext._jvm.org.apache.spark.util.Utils  # type: ignore[union-attr]
    for java_class in java_classes:
        if not utils.classIsLoadable(java_class):
            raise JobError(_describe_missing_class(java_class, "driver"))


def _describe_missing_class(java_class: str, place: str) -> str:
    name = java_class.rpartition(".")[2]
    return (
        f"the Java of the {place} does not find {name}: add the jars {_JARS[java_class]} of "
        "`make dist` by spark.jars"
    )


def _wait(context: SparkContext, job: _BackgroundJob) -> None:
    """Wait for a job; raise if no executor starts in time."""
    is_standalone = str(context.master).startswith("spark://")
    default = STANDALONE_WAIT_SECONDS if is_standalone else OTHER_WAIT_SECONDS
    limit = float(context.getConf().get(WAIT_SETTING, None) or default)
    started = time.monotonic()
    notice_due = True
    while job.is_alive():
        job.join(0.2)
        waited = time.monotonic() - started
        if waited < min(NOTICE_SECONDS, limit) or _count_executors(context):
            continue
        if waited > limit:
            context.cancelAllJobs()
            raise JobError(f"no executor has started in {limit:.0f} s: {_request(context)}")
        if notice_due:
            log_event("executor_awaited", f"waiting for an executor: {_request(context)}")
            notice_due = False


def _count_executors(context: SparkContext) -> int:
    """Return the number of executors; Java counts the driver as well."""
    java_context = context._jsc.sc()
    return int(java_context.getExecutorMemoryStatus().size()) - 1


def _request(context: SparkContext) -> str:
    """Return what an executor needs, and what to change if no worker has it."""
    conf = context.getConf()
    cores = conf.get("spark.executor.cores", None) or "all"
    memory = conf.get("spark.executor.memory", None) or "1g"
    return (
        f"an executor needs {cores} cores (spark.executor.cores) and {memory} of memory "
        "(spark.executor.memory) of one worker; lower these settings, or start or free workers"
    )


def _report_findings(findings: Sequence[Finding], needs: ClusterNeeds) -> None:
    """Raise if a worker lacks something."""
    for finding in findings:
        if finding.classes:
            java_class = finding.classes.split(",")[0]
            raise JobError(_describe_missing_class(java_class, "executors"))
        if finding.packages:
            raise JobError(
                f"the Python environment of the executors lacks {finding.packages}: submit with "
                "the environment of `make dist`, by spark.archives and spark.pyspark.python"
            )
        if finding.safelight != VERSION:
            raise JobError(
                f"the executors have Safelight {finding.safelight} and the driver has {VERSION}: "
                "submit with the environment of the same `make dist`"
            )
        if finding.folder == len(needs.folders):
            raise JobError(
                f"the executors cannot use the DynamoDB table {needs.mapping_table} of "
                f"--mapping-store ({finding.problem}): give them a role with permission for it, "
                "and the driver the variable AWS_REGION"
            )
        if finding.folder >= 0:
            raise JobError(_describe_folder(*needs.folders[finding.folder], finding.problem))


def _describe_folder(option: str, folder: Location, problem: str) -> str:
    if not folder.on_s3:
        return (
            f"the folder of {option} does not exist on the executors: use S3, or a file system "
            "that driver and executors share"
        )
    return (
        f"the executors cannot use the bucket of {option} ({problem}): give them a role, or the "
        "driver variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and check --endpoint-url"
    )
