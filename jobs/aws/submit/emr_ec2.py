"""Build requests of ``AddJobFlowSteps`` of EMR on EC2.

sources: Amazon EMR API Reference, "AddJobFlowSteps"; Amazon EMR Release Guide, "Add a Spark step".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.aws.submit.cluster_sizes import size_node_settings
from jobs.aws.submit.release import Release
from jobs.aws.submit.spark_settings import (
    DELTA_JARS,
    check_settings,
    list_arguments,
    read_settings,
)
from jobs.aws.submit.tokens import run_name

#: Interpreter in the archive, on the driver and the executors.
_INTERPRETER = "./environment/bin/python"


@dataclass(frozen=True)
class EmrEc2Run:
    """Description of a step on a cluster of EMR on EC2. No field may hold a secret or PHI.

    Attributes
    ----------
    cluster_id : str
        Cluster.
    release : Release
        Version of Safelight, with its environment on S3.
    arguments : tuple of str
        Command of Safelight and its arguments.
    role_arn : str, optional
        Runtime role of the step (default: the role of the instances).
    nodes : int
        Largest number of core and task nodes of 16 vCPU.
    settings : mapping of str
        Further settings of Spark, which win.
    name : str, optional
        Name of the step (default: derived from the arguments).
    """

    cluster_id: str
    release: Release
    arguments: tuple[str, ...]
    role_arn: str | None = None
    nodes: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None


def build_request(run: EmrEc2Run) -> dict[str, object]:
    """Return the parameters of ``AddJobFlowSteps``.

    Parameters
    ----------
    run : EmrEc2Run
        The run.

    Returns
    -------
    dict
        Parameters of ``add_job_flow_steps`` of boto3, which are JSON.

    Raises
    ------
    ValueError
        If the number of nodes or a setting is wrong, or the release has no environment on S3.
    """
    check_settings(run.settings)
    step = {
        "Name": run.name or run_name(run.arguments),
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {
            "Jar": "command-runner.jar",
            "Args": [
                "spark-submit",
                "--deploy-mode",
                "cluster",
                *list_arguments(_settings(run)),
                run.release.entry_point,
                *run.arguments,
            ],
        },
    }
    request: dict[str, object] = {"JobFlowId": run.cluster_id, "Steps": [step]}
    if run.role_arn:
        request["ExecutionRoleArn"] = run.role_arn
    return request


def _settings(run: EmrEc2Run) -> dict[str, str]:
    """Return the settings of Spark of a run."""
    # A file of this name in the folder of a container wins over that of the cluster (Spark,
    # "Running on YARN"). Spark names files at level INFO, and the names may hold PHI.
    logs = {"spark.yarn.dist.files": run.release.log_settings} if run.release.log_settings else {}
    if run.release.environment is None:
        raise ValueError("EMR on EC2 needs the environment on S3: give --distribution")
    return (
        read_settings("emr-ec2")
        | size_node_settings(run.nodes, dynamic=True)
        | {
            "spark.archives": f"{run.release.environment}#environment",
            "spark.pyspark.python": _INTERPRETER,
            "spark.yarn.appMasterEnv.PYSPARK_PYTHON": _INTERPRETER,
            "spark.jars": ",".join((*DELTA_JARS, *run.release.jars)),
            # The driver is a container of YARN: an error must not start it again.
            "spark.yarn.maxAppAttempts": "1",
        }
        | logs
        | dict(run.settings)
    )
