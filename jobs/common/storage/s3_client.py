"""The one S3 client of a process, and what its errors mean."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

#: Threads that fetch ahead in one worker; the client keeps as many connections.
CONNECTIONS = 8

#: Tries of one request, the first included.
ATTEMPTS = 5

NOT_THERE = frozenset({"404", "NoSuchKey", "NotFound"})
NOT_AS_EXPECTED = frozenset({"412", "PreconditionFailed"})
BUSY = frozenset({"409", "ConditionalRequestConflict", "OperationAborted"})


@lru_cache(maxsize=1)
def client() -> Any:
    """A client with bounded retries; endpoint and credentials as boto3 finds them."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        config=Config(
            max_pool_connections=CONNECTIONS,
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS},
        ),
    )


def error_code(error: Exception) -> str:
    """The S3 code of a ClientError, else the name of the exception's class."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if response else type(error).__name__
