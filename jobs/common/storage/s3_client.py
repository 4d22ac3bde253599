"""Create the S3 client of a process, with its retry policy, and read its error codes."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import UsageError

#: Connections of a worker. Half of them read ahead.
MAX_CONNECTIONS = 8

#: Connections that listing and describing objects use in one process.
LISTING_CONNECTIONS = 16

#: A session of boto3 must not make two clients at one time; the clients themselves are shared.
_creation = Lock()

#: Attempts per request, the first included.
MAX_ATTEMPTS = 5

CONNECT_TIMEOUT_SECONDS = 10
READ_TIMEOUT_SECONDS = 60

#: Waits between the attempts of a conditional write that met another write of the same key.
#: botocore does not retry these codes.
CONFLICT_RETRY_WAITS_SECONDS = (0.2, 0.8, 3.2)

#: Waits between the attempts of a read whose connection broke in the body of the answer.
BODY_RETRY_WAITS_SECONDS = (0.2, 0.8, 3.2)

NOT_FOUND_CODES = frozenset({"404", "NoSuchKey", "NotFound"})
#: Codes for a version that does not exist or is a delete marker.
MISSING_VERSION_CODES = NOT_FOUND_CODES | {"405", "NoSuchVersion", "MethodNotAllowed"}
#: Code of a description in a malformed version. Expired credentials have the same code.
BAD_REQUEST_CODE = "400"
#: Codes for an object that may exist: a caller who may not list cannot know.
DENIED_CODES = frozenset({"403", "AccessDenied", "Forbidden"})
PRECONDITION_FAILED_CODES = frozenset({"412", "PreconditionFailed"})
WRITE_CONFLICT_CODES = frozenset({"409", "ConditionalRequestConflict", "OperationAborted"})

#: Variable of boto3 for the endpoint of S3. It wins over AWS_ENDPOINT_URL.
ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_S3"

#: Variables of boto3 that have the same meaning on another machine.
_PORTABLE_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_MEDICAL_IMAGING",
    "AWS_ENDPOINT_URL_DICOM_MEDICAL_IMAGING",
    "SAFELIGHT_HEALTHIMAGING_RATE_FACTOR",
)

#: Names of botocore for credentials that belong to one machine.
_MACHINE_ROLES = frozenset({"iam-role", "container-role", "assume-role-with-web-identity"})


def use_endpoint(url: str | None) -> None:
    """Let all S3 clients of this process, and those of its executors, use an endpoint.

    Parameters
    ----------
    url : str or None
        Value of ``--endpoint-url``. ``None`` leaves the endpoint of the environment.

    Raises
    ------
    UsageError
        If the URL has no scheme.
    """
    if url is None:
        return
    if not url.startswith(("http://", "https://")):
        raise UsageError("--endpoint-url must start with http:// or https://")
    os.environ[ENDPOINT_VARIABLE] = url


def has_foreign_endpoint() -> bool:
    """Return whether the endpoint of S3 is another store with the same API, not one of AWS."""
    endpoint = os.environ.get(ENDPOINT_VARIABLE) or os.environ.get("AWS_ENDPOINT_URL")
    host = urlsplit(endpoint).hostname if endpoint else None
    return host is not None and not host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


@lru_cache(maxsize=1)
def get_client() -> Any:
    """Return the client of the process; see :func:`new_client`."""
    return new_client()


def new_client() -> Any:
    """Return a client with bounded retries; boto3 finds the endpoint and the credentials."""
    import boto3
    from botocore.config import Config

    with _creation:
        return boto3.client(
            "s3",
            config=Config(
                max_pool_connections=max(MAX_CONNECTIONS, LISTING_CONNECTIONS),
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                read_timeout=READ_TIMEOUT_SECONDS,
                retries={"mode": "adaptive", "total_max_attempts": MAX_ATTEMPTS},
            ),
        )


def describe_bucket_error(bucket: str, code: str) -> str:
    """Return a sentence about a bucket that cannot be read: endpoint, code and next step.

    Parameters
    ----------
    bucket : str
        Name of the bucket.
    code : str
        Code of :func:`jobs.common.aws.client_errors.error_code`.
    """
    endpoint = os.environ.get(ENDPOINT_VARIABLE) or os.environ.get("AWS_ENDPOINT_URL")
    place = f" at {endpoint}" if endpoint else ""
    advice = advise(code) or "check its name, the endpoint and the permissions"
    return f"the bucket {bucket}{place} cannot be read: {code}; {advice}"


def portable_environment() -> dict[str, str]:
    """Return the variables with which boto3 on another machine uses S3 as it does here.

    Credentials are part of it if they are in the environment or in a configuration file. Those of
    a role of this machine are not: another machine has a role of its own.
    """
    found = {name: os.environ[name] for name in _PORTABLE_VARIABLES if os.environ.get(name)}
    if "AWS_ACCESS_KEY_ID" in found or not _has_configuration_file():
        return found
    import boto3

    session = boto3.Session()
    if session.region_name:
        found.setdefault("AWS_DEFAULT_REGION", session.region_name)
    credentials = session.get_credentials()
    if credentials is None or credentials.method in _MACHINE_ROLES:
        return found
    frozen = credentials.get_frozen_credentials()
    found |= {
        "AWS_ACCESS_KEY_ID": frozen.access_key,
        "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
    }
    return found | ({"AWS_SESSION_TOKEN": frozen.token} if frozen.token else {})


def _has_configuration_file() -> bool:
    """Return whether boto3 has a configuration file, without asking for the role of the machine."""
    paths = (
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        os.environ.get("AWS_CONFIG_FILE", "~/.aws/config"),
    )
    return any(os.path.exists(os.path.expanduser(path)) for path in paths)


def utc_time(seconds: float) -> str:
    """Return a time, in seconds since the epoch, as S3 writes it, without a fraction."""
    return f"{datetime.fromtimestamp(int(seconds), timezone.utc):%Y-%m-%dT%H:%M:%S}"
