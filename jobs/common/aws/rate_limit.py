"""Keep requests within the rate that a service allows, shared by all workers of a run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import Lock

#: Variable with the number of Python workers that send requests at one time. The driver gives it
#: to the workers with their tasks.
WORKERS_VARIABLE = "SAFELIGHT_PARALLEL_WORKERS"


class TokenBucket:
    """Token bucket: requests at a steady rate, and a burst after a pause.

    A request that finds no token reserves the next one and waits for it, so that waiting threads
    proceed in their order.

    Parameters
    ----------
    rate : float
        Requests per second.
    burst : float
        Requests that may be sent at once after a pause; at least one.
    clock : callable, optional
        Returns the time in seconds.
    sleep : callable, optional
        Waits for a number of seconds.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._rate = rate
        self._burst = max(1.0, burst)
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._tokens = self._burst
        self._updated = clock()

    def take(self) -> None:
        """Wait until one more request may be sent."""
        with self._lock:
            self._refill()
            self._tokens -= 1
            wait = -self._tokens / self._rate
        if wait > 0:
            self._sleep(wait)

    def drain(self) -> None:
        """Discard the burst, since the service has refused a request as too many."""
        with self._lock:
            self._refill()
            self._tokens = min(self._tokens, 0.0)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._updated) * self._rate)
        self._updated = now


def parallel_workers() -> int:
    """Return the number of processes that share the rate of an account; 1 without a run."""
    return max(1, int(os.environ.get(WORKERS_VARIABLE) or 1))


def shared_bucket(rate: float, burst: float) -> TokenBucket:
    """Return the token bucket of this process: its share of a rate of the whole account.

    The share is fixed: a worker without work leaves its part unused. That is the price of a limit
    without messages between workers.

    Parameters
    ----------
    rate : float
        Requests per second of the account.
    burst : float
        Burst of the account.
    """
    workers = parallel_workers()
    return TokenBucket(rate / workers, burst / workers)
