"""Create clients of AWS services other than S3, with bounded waits and retries."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any, Optional

from jobs.common.aws.client_errors import describe_error
from jobs.common.cli.errors import JobError, UsageError

#: Attempts per request, the first included.
MAX_ATTEMPTS = 5

#: Connections of one process to one service: as many threads use a client at one time.
MAX_CONNECTIONS = 16

CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 60

#: A session of boto3 must not make two clients at one time; the clients themselves are shared.
_creation = Lock()


def use_region_of_environment() -> None:
    """Let boto3 use ``AWS_REGION``, as all other SDKs of AWS do; it reads another variable only."""
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region


@lru_cache(maxsize=32)
def get_client(service: str, region: Optional[str] = None) -> Any:
    """Return the client of a service; all callers of a process share it.

    boto3 finds the credentials and the endpoint: ``AWS_ENDPOINT_URL`` and
    ``AWS_ENDPOINT_URL_SERVICE``.

    Parameters
    ----------
    service : str
        Name of the service in boto3, such as ``kms`` or ``medical-imaging``.
    region : str, optional
        Region (default: that of the environment or the configuration file).

    Raises
    ------
    UsageError
        If no region is configured, or the profile or the endpoint is wrong.
    """
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    variable = f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"
    has_endpoint = bool(os.environ.get(variable) or os.environ.get("AWS_ENDPOINT_URL"))
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        max_pool_connections=MAX_CONNECTIONS,
        retries={"mode": "adaptive", "total_max_attempts": MAX_ATTEMPTS},
        # A custom endpoint has no host names with prefixes such as `runtime-`.
        inject_host_prefix=not has_endpoint,
        # Presigned URLs of S3 would otherwise be signed by version 2, which KMS does not accept.
        signature_version="s3v4" if service == "s3" else None,
    )
    try:
        with _creation:
            # boto3 itself reads AWS_DEFAULT_REGION only.
            region = region or os.environ.get("AWS_REGION") or None
            return boto3.client(service, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        sentence = f"no client of {service} can be created"
        raise UsageError(
            describe_error(sentence, error, "set AWS_REGION, and check the AWS configuration")
        ) from None


def request(sentence: str, operation: Callable[..., Any], **parameters: Any) -> Any:
    """Call an operation of a client, and raise a sentence instead of an error of botocore.

    Parameters
    ----------
    sentence : str
        What failed if the call fails, without a full stop and without PHI.
    operation : callable
        Method of a client.
    **parameters : object
        Parameters of the operation.

    Returns
    -------
    dict
        Answer of the operation.

    Raises
    ------
    JobError
        If the operation fails.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return operation(**parameters)
    except (BotoCoreError, ClientError) as error:
        raise JobError(
            describe_error(sentence, error, "check the arguments and the permissions")
        ) from None
