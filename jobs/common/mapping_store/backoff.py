"""Repeat requests that DynamoDB throttles, and give up after a bounded time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from jobs.common.aws.client_errors import error_code

#: Seconds of waiting after which a request is given up. A table that is billed per request takes
#: twice its earlier peak at once, and more after some time (Amazon DynamoDB Developer Guide,
#: "On-demand capacity mode").
GIVE_UP_SECONDS = 120.0

#: The first wait is between 0 and this, and each further one twice as long.
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 20.0

#: Codes of errors that waiting cures.
THROTTLED_CODES = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
    }
)


class MappingStoreError(Exception):
    """Raised if the mapping cannot be read or written; holds the table and the error code only."""

    def __init__(self, table: str, code: str):
        super().__init__(f"{table} {code}")
        self.table = table
        self.code = code


class Backoff:
    """Waits of one request, with full jitter so that workers do not return at one time.

    Parameters
    ----------
    give_up_seconds : float
        Sum of the waits after which there are no more.
    """

    def __init__(self, give_up_seconds: float = GIVE_UP_SECONDS):
        self._left = give_up_seconds
        self._longest = _FIRST_WAIT_SECONDS

    def wait(self) -> bool:
        """Wait before the next attempt; return ``False`` at once if there is none."""
        if self._left <= 0:
            return False
        seconds = random.uniform(self._longest / 10, self._longest)
        self._longest = min(2 * self._longest, _LONGEST_WAIT_SECONDS)
        self._left -= seconds
        time.sleep(seconds)
        return True


def call(table: str, operation: Callable[..., Any], **parameters: Any) -> Any:
    """Call an operation of DynamoDB; repeat it while it is throttled.

    The client has repeated it a few times itself, at a rate that adapts to the throttling.

    Parameters
    ----------
    table : str
        Name of the table, for the error.
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
    MappingStoreError
        If the operation fails, or is still throttled after :data:`GIVE_UP_SECONDS`.
    """
    backoff = Backoff()
    while True:
        try:
            return operation(**parameters)
        except Exception as error:  # classes of botocore
            code = error_code(error)
        if code not in THROTTLED_CODES or not backoff.wait():
            raise MappingStoreError(table, code)
