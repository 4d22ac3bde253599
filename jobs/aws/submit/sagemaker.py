"""Build requests of ``CreateProcessingJob`` of SageMaker.

sources: Amazon SageMaker API Reference, "CreateProcessingJob"; the repository
aws/sagemaker-spark-container, whose program ``smspark-submit`` joins its arguments by spaces and
gives them to a shell, takes no ``--conf``, and reads settings from ``configuration.json``.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.aws.submit.cluster_sizes import size_node_settings
from jobs.aws.submit.release import IMAGE_FOLDER
from jobs.aws.submit.spark_settings import check_settings, list_image_jars, read_settings
from jobs.aws.submit.tokens import clean_name, run_name

#: Instance of 16 vCPU and 64 GB. The image has a list of the instances that it knows, in which
#: newer types may be missing.
DEFAULT_INSTANCE_TYPE = "ml.m5.4xlarge"

#: Limits of arguments (API Reference, "AppSpecification").
MAX_ARGUMENTS = 100
ARGUMENT_MAX_LENGTH = 256

#: Jars of Delta in the image; SageMaker's has none (its Dockerfile.cpu).
DELTA_JARS = ("delta-spark_2.12-3.3.2.jar", "delta-storage-3.3.2.jar")

DEFAULT_VOLUME_GB = 100
DEFAULT_TIMEOUT_SECONDS = 24 * 3600

#: Folder in the container where smspark-submit searches for configuration.json.
_CONFIGURATION_FOLDER = "/opt/ml/processing/input/conf"


@dataclass(frozen=True)
class SageMakerRun:
    """Description of a processing job. No field may hold a secret or PHI.

    Attributes
    ----------
    role_arn : str
        Role of the job.
    image : str
        URI of the image of conf/aws/images/sagemaker, which has Safelight.
    arguments : tuple of str
        Command of Safelight and its arguments.
    staging : str
        Folder on S3 for the settings of Spark.
    nodes : int
        Number of instances.
    instance_type : str
        Type of the instances; those of 16 vCPU and 64 GB fit the settings.
    volume_gb : int
        Size of the volume of each instance.
    volume_key : str, optional
        KMS key of the volumes.
    subnets, security_groups : tuple of str
        Network of the job (default: that of SageMaker).
    settings : mapping of str
        Further settings of Spark, which win.
    name : str, optional
        Name of the job, which is unique (default: derived from the arguments).
    timeout_seconds : int
        Time after which the service stops the job.
    tags : mapping of str
        Tags of the job.
    """

    role_arn: str
    image: str
    arguments: tuple[str, ...]
    staging: str
    nodes: int = 1
    instance_type: str = DEFAULT_INSTANCE_TYPE
    volume_gb: int = DEFAULT_VOLUME_GB
    volume_key: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS
    tags: Mapping[str, str] = field(default_factory=dict)


def build_configuration(run: SageMakerRun) -> str:
    """Return ``configuration.json`` of a job: the settings of Spark as a classification of EMR.

    Parameters
    ----------
    run : SageMakerRun
        The job.

    Raises
    ------
    ValueError
        If the number of instances or a setting is wrong.
    """
    check_settings(run.settings)
    delta = (f"local://{IMAGE_FOLDER}/jars/{name}" for name in DELTA_JARS)
    settings = read_settings("sagemaker") | size_node_settings(run.nodes, dynamic=False)
    settings["spark.jars"] = ",".join((*delta, *list_image_jars(IMAGE_FOLDER)))
    settings |= dict(run.settings)
    classification = {"Classification": "spark-defaults", "Properties": settings}
    return json.dumps([classification], indent=2, sort_keys=True) + "\n"


def configuration_uri(run: SageMakerRun) -> str:
    """Return the URI of ``configuration.json`` on S3; its name holds the checksum.

    Parameters
    ----------
    run : SageMakerRun
        The job.
    """
    digest = hashlib.sha256(build_configuration(run).encode()).hexdigest()[:16]
    return f"{run.staging.rstrip('/')}/{digest}/configuration.json"


def build_request(run: SageMakerRun) -> dict[str, object]:
    """Return the parameters of ``CreateProcessingJob``.

    Parameters
    ----------
    run : SageMakerRun
        The job.

    Returns
    -------
    dict
        Parameters of ``create_processing_job`` of boto3, which are JSON.

    Raises
    ------
    ValueError
        If the number of instances, a setting or the number or the length of the arguments is
        wrong.
    """
    cluster: dict[str, object] = {
        "InstanceCount": run.nodes,
        "InstanceType": run.instance_type,
        "VolumeSizeInGB": run.volume_gb,
    }
    if run.volume_key:
        cluster["VolumeKmsKeyId"] = run.volume_key
    return {
        "ProcessingJobName": clean_name(run.name) if run.name else run_name(run.arguments),
        "RoleArn": run.role_arn,
        "AppSpecification": {
            "ImageUri": run.image,
            "ContainerEntrypoint": ["smspark-submit", f"{IMAGE_FOLDER}/main.py"],
            "ContainerArguments": _quote_arguments(run.arguments),
        },
        "ProcessingInputs": [
            {
                "InputName": "conf",
                "S3Input": {
                    "S3Uri": configuration_uri(run),
                    "LocalPath": _CONFIGURATION_FOLDER,
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "ProcessingResources": {"ClusterConfig": cluster},
        "NetworkConfig": _network(run),
        "StoppingCondition": {"MaxRuntimeInSeconds": run.timeout_seconds},
        "Tags": [
            {"Key": key, "Value": value}
            for key, value in {"application": "safelight", **run.tags}.items()
        ],
    }


def _quote_arguments(arguments: tuple[str, ...]) -> list[str]:
    """Return arguments that a shell of the container reads back as they are."""
    quoted = [shlex.quote(argument) for argument in arguments]
    if len(quoted) > MAX_ARGUMENTS or any(len(one) > ARGUMENT_MAX_LENGTH for one in quoted):
        raise ValueError(
            f"SageMaker takes at most {MAX_ARGUMENTS} arguments of {ARGUMENT_MAX_LENGTH} "
            "characters; give shorter URIs, or a manifest instead of many inputs"
        )
    return quoted


def _network(run: SageMakerRun) -> dict[str, object]:
    """Return the network of a job. It is not isolated, because Spark reads S3 itself."""
    network: dict[str, object] = {
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": False,
    }
    if run.subnets:
        network["VpcConfig"] = {
            "SecurityGroupIds": list(run.security_groups),
            "Subnets": list(run.subnets),
        }
    return network
