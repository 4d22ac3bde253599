"""Give the executors of a cluster the endpoint, the region and the credentials of the driver.

Nothing of it is a Spark setting: settings are shown in the web interface, in event logs and on the
command lines of processes. The Python workers get variables with their tasks, and S3A gets
properties of the Hadoop configuration, which Spark broadcasts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from jobs.common.aws.rate_limit import WORKERS_VARIABLE
from jobs.common.storage.s3_client import portable_environment

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Properties of S3A by the variable of boto3 that has the same meaning.
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "fs.s3a.access.key",
    "AWS_SECRET_ACCESS_KEY": "fs.s3a.secret.key",
    "AWS_SESSION_TOKEN": "fs.s3a.session.token",
}

#: Classes that serve s3:// where the cluster names none of its own.
_S3_CLASSES = {
    "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "fs.AbstractFileSystem.s3.impl": "org.apache.hadoop.fs.s3a.S3A",
}


def endpoint_properties(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the properties of S3A for the endpoint that boto3 uses.

    Parameters
    ----------
    environment : mapping
        Variables of boto3 (default: those of this process).
    """
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return {}
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    return {
        "fs.s3a.endpoint": endpoint,
        "fs.s3a.path.style.access": "true",
        "fs.s3a.connection.ssl.enabled": str(endpoint.startswith("https")).lower(),
        "fs.s3a.endpoint.region": region or "us-east-1",
    }


def share_aws_access(spark: SparkSession) -> None:
    """Let the executors use the endpoint, the region and the credentials of the driver.

    Credentials that a machine has by its role are not shared: the executors have roles of their
    own. Call it again to share credentials that were renewed.

    Parameters
    ----------
    spark : SparkSession
        Session on a cluster.
    """
    context = spark.sparkContext
    environment = portable_environment()
    context.environment.update(environment)
    hadoop = context._jsc.hadoopConfiguration()
    properties = endpoint_properties(environment)
    properties |= {
        name: environment[variable]
        for variable, name in _CREDENTIALS.items()
        if variable in environment
    }
    properties |= {name: value for name, value in _S3_CLASSES.items() if hadoop.get(name) is None}
    for name, value in properties.items():
        hadoop.set(name, value)


def share_rates(spark: SparkSession, cores: int) -> None:
    """Let the workers of a run share the rates of services that limit the rate of an account.

    Call it before the first task: Spark starts new workers if their variables change.

    Parameters
    ----------
    spark : SparkSession
        Session of the run.
    cores : int
        Cores of the cluster, those that it may still allocate included: there is a worker for each.
    """
    spark.sparkContext.environment[WORKERS_VARIABLE] = str(max(1, cores))
