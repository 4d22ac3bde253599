"""Build requests of ``StartJobRun`` of EMR on EKS.

sources: Amazon EMR on EKS API Reference, "StartJobRun"; Amazon EMR on EKS Development Guide, "Using
Delta Lake with Amazon EMR on EKS" and "How to customize Docker images".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.aws.submit.cluster_sizes import (
    EXECUTOR_CORES,
    NODE_EXECUTOR_HEAP_GB,
    NODE_EXECUTOR_OVERHEAD_GB,
    size_settings,
)
from jobs.aws.submit.release import IMAGE_FOLDER
from jobs.aws.submit.spark_settings import (
    DELTA_JARS,
    check_settings,
    join_settings,
    list_image_jars,
    read_settings,
)
from jobs.aws.submit.tokens import client_token, run_name

DEFAULT_RELEASE_LABEL = "emr-7.14.0-latest"

_INTERPRETER = f"{IMAGE_FOLDER}/environment/bin/python"


@dataclass(frozen=True)
class EmrEksRun:
    """Description of a run on EMR on EKS. No field may hold a secret or PHI.

    Attributes
    ----------
    virtual_cluster_id : str
        Virtual cluster.
    role_arn : str
        Role of the run.
    image : str
        URI of the image of conf/aws/images/emr, which has Safelight.
    arguments : tuple of str
        Command of Safelight and its arguments.
    log_uri : str
        Folder on S3 for the logs of the driver and the executors.
    log_key_arn : str, optional
        KMS key of the logs.
    release_label : str
        Release of EMR, that of the image.
    nodes : int
        Largest number of nodes of 16 vCPU.
    settings : mapping of str
        Further settings of Spark, which win.
    name, client_token : str, optional
        Name and idempotency token (default: derived from the other fields).
    max_attempts : int
        Attempts of the run; each later one resumes it.
    tags : mapping of str
        Tags of the run.
    """

    virtual_cluster_id: str
    role_arn: str
    image: str
    arguments: tuple[str, ...]
    log_uri: str
    log_key_arn: str | None = None
    release_label: str = DEFAULT_RELEASE_LABEL
    nodes: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    client_token: str | None = None
    max_attempts: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)


def build_request(run: EmrEksRun) -> dict[str, object]:
    """Return the parameters of ``StartJobRun``.

    Parameters
    ----------
    run : EmrEksRun
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
    logs = {"logUri": run.log_uri} | (
        {"encryptionKeyArn": run.log_key_arn} if run.log_key_arn else {}
    )
    request: dict[str, object] = {
        "name": run.name or run_name(run.arguments),
        "virtualClusterId": run.virtual_cluster_id,
        "executionRoleArn": run.role_arn,
        "releaseLabel": run.release_label,
        "jobDriver": {
            "sparkSubmitJobDriver": {
                "entryPoint": f"local://{IMAGE_FOLDER}/main.py",
                "entryPointArguments": list(run.arguments),
                "sparkSubmitParameters": join_settings(_settings(run)),
            }
        },
        "configurationOverrides": {
            "applicationConfiguration": [
                # Spark names files at level INFO, and the names may hold PHI.
                {"classification": "spark-log4j2", "properties": {"rootLogger.level": "error"}}
            ],
            "monitoringConfiguration": {
                "managedLogs": {"allowAWSToRetainLogs": "DISABLED"},
                "persistentAppUI": "DISABLED",
                "s3MonitoringConfiguration": logs,
            },
        },
        "tags": {"application": "safelight", **run.tags},
    }
    if run.max_attempts > 1:
        request["retryPolicyConfiguration"] = {"maxAttempts": run.max_attempts}
    return {"clientToken": run.client_token or client_token(request), **request}


def _settings(run: EmrEksRun) -> dict[str, str]:
    """Return the settings of Spark of a run."""
    return (
        read_settings("emr-eks")
        | size_settings(run.nodes)
        | {
            "spark.executor.cores": str(EXECUTOR_CORES),
            "spark.executor.memory": f"{NODE_EXECUTOR_HEAP_GB}g",
            "spark.executor.memoryOverhead": f"{NODE_EXECUTOR_OVERHEAD_GB}g",
            "spark.kubernetes.container.image": run.image,
            "spark.pyspark.python": _INTERPRETER,
            "spark.pyspark.driver.python": _INTERPRETER,
            "spark.jars": ",".join(
                (*(f"local://{jar}" for jar in DELTA_JARS), *list_image_jars(IMAGE_FOLDER))
            ),
        }
        | dict(run.settings)
    )
