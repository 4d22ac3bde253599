"""Build requests of ``StartJobRun`` of EMR Serverless.

sources: EMR Serverless API Reference, "StartJobRun"; EMR Serverless User Guide, "Using Spark
configurations when you run EMR Serverless jobs", "Using Python libraries with EMR Serverless",
"Configure Apache Log4j2 properties for EMR Serverless" and "Storing logs".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.aws.submit.cluster_sizes import size_settings
from jobs.aws.submit.release import IMAGE_FOLDER, Release
from jobs.aws.submit.spark_settings import (
    DELTA_JARS,
    check_settings,
    join_settings,
    read_settings,
)
from jobs.aws.submit.tokens import client_token, run_name

#: Log levels: Spark names files at level INFO, and the names may hold PHI.
_LOG_CLASSIFICATIONS = ("spark-driver-log4j2", "spark-executor-log4j2")

#: Variables of the driver and of the executors that name the interpreter of Python.
_INTERPRETER_SETTINGS = (
    "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON",
    "spark.emr-serverless.driverEnv.PYSPARK_PYTHON",
    "spark.executorEnv.PYSPARK_PYTHON",
)

#: A run that takes longer than this is cancelled; 0 would be no limit.
DEFAULT_TIMEOUT_MINUTES = 24 * 60


@dataclass(frozen=True)
class EmrServerlessRun:
    """Description of a run on EMR Serverless. No field may hold a secret or PHI.

    Attributes
    ----------
    application_id : str
        Application of EMR Serverless.
    role_arn : str
        Role of the run.
    release : Release
        Version of Safelight.
    arguments : tuple of str
        Command of Safelight and its arguments.
    log_uri : str
        Folder on S3 for the logs of the driver and the executors.
    log_key_arn : str, optional
        KMS key of the logs.
    disk_key_arn : str, optional
        KMS key of the disks of the workers.
    nodes : int
        Largest number of nodes of 16 vCPU.
    settings : mapping of str
        Further settings of Spark, which win.
    name, client_token : str, optional
        Name and idempotency token (default: derived from the other fields).
    timeout_minutes : int
        Time after which the service cancels the run.
    max_attempts : int
        Attempts of the run; each later one resumes it.
    flex : bool
        Whether the run may use capacity that starts later and costs less.
    tags : mapping of str
        Tags of the run.
    """

    application_id: str
    role_arn: str
    release: Release
    arguments: tuple[str, ...]
    log_uri: str
    log_key_arn: str | None = None
    disk_key_arn: str | None = None
    nodes: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    client_token: str | None = None
    timeout_minutes: int = DEFAULT_TIMEOUT_MINUTES
    max_attempts: int = 1
    flex: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


def build_request(run: EmrServerlessRun) -> dict[str, object]:
    """Return the parameters of ``StartJobRun``.

    Parameters
    ----------
    run : EmrServerlessRun
        The run.

    Returns
    -------
    dict
        Parameters of ``start_job_run`` of boto3, which are JSON.

    Raises
    ------
    ValueError
        If the number of nodes or a setting is wrong.
    """
    check_settings(run.settings)
    request: dict[str, object] = {
        "applicationId": run.application_id,
        "executionRoleArn": run.role_arn,
        "name": run.name or run_name(run.arguments),
        "mode": "BATCH",
        "jobDriver": {
            "sparkSubmit": {
                "entryPoint": run.release.entry_point,
                "entryPointArguments": list(run.arguments),
                "sparkSubmitParameters": join_settings(_settings(run)),
            }
        },
        "configurationOverrides": {
            "applicationConfiguration": [
                {"classification": name, "properties": {"rootLogger.level": "error"}}
                for name in _LOG_CLASSIFICATIONS
            ],
            "monitoringConfiguration": _monitoring(run),
        }
        | _disk_encryption(run),
        "executionTimeoutMinutes": run.timeout_minutes,
        "tags": {"application": "safelight", **run.tags},
    }
    if run.max_attempts > 1:
        request["retryPolicy"] = {"maxAttempts": run.max_attempts}
    if run.flex:
        request["flexExecution"] = {"enabled": True}
    return {"clientToken": run.client_token or client_token(request), **request}


def _settings(run: EmrServerlessRun) -> dict[str, str]:
    """Return the settings of Spark of a run."""
    settings = read_settings("emr-serverless") | size_settings(run.nodes)
    interpreter = f"{IMAGE_FOLDER}/environment/bin/python"
    if run.release.environment is not None:
        settings["spark.archives"] = f"{run.release.environment}#environment"
        interpreter = "./environment/bin/python"
    settings |= dict.fromkeys(_INTERPRETER_SETTINGS, interpreter)
    settings["spark.jars"] = ",".join((*DELTA_JARS, *run.release.jars))
    return settings | dict(run.settings)


def _monitoring(run: EmrServerlessRun) -> dict[str, object]:
    """Return where the logs of a run are stored; AWS itself keeps no copy of them."""
    logs = {"logUri": run.log_uri}
    if run.log_key_arn:
        logs["encryptionKeyArn"] = run.log_key_arn
    return {
        "s3MonitoringConfiguration": logs,
        "managedPersistenceMonitoringConfiguration": {"enabled": False},
    }


def _disk_encryption(run: EmrServerlessRun) -> dict[str, object]:
    """Return the key of the disks of the workers."""
    if not run.disk_key_arn:
        return {}
    return {"diskEncryptionConfiguration": {"encryptionKeyArn": run.disk_key_arn}}
