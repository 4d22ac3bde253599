"""Create the S3 client of a process, with its retry policy, and read its error codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

#: Connections of a worker. Half of them read ahead.
MAX_CONNECTIONS = 8

#: Connections that listing and describing objects use in one process.
LISTING_CONNECTIONS = 16

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
PRECONDITION_FAILED_CODES = frozenset({"412", "PreconditionFailed"})
WRITE_CONFLICT_CODES = frozenset({"409", "ConditionalRequestConflict", "OperationAborted"})


@lru_cache(maxsize=1)
def get_client() -> Any:
    """Return the client with bounded retries; boto3 finds the endpoint and the credentials."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        config=Config(
            max_pool_connections=max(MAX_CONNECTIONS, LISTING_CONNECTIONS),
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"mode": "adaptive", "total_max_attempts": MAX_ATTEMPTS},
        ),
    )


def error_code(error: Exception) -> str:
    """Return the code of a ClientError, or the class of another exception."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if response else type(error).__name__
