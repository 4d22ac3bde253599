from __future__ import annotations

from threading import Thread

import pytest

from jobs.common.aws import rate_limit
from jobs.common.aws.rate_limit import TokenBucket, shared_bucket


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_burst_is_free_and_then_the_rate_holds() -> None:
    clock = Clock()
    bucket = TokenBucket(2, 4, clock, clock.sleep)
    times = []
    for _ in range(8):
        bucket.take()
        times.append(clock.now - 100)
    assert times == [0, 0, 0, 0, 0.5, 1.0, 1.5, 2.0]


def test_a_pause_fills_the_bucket_up_to_the_burst_only() -> None:
    clock = Clock()
    bucket = TokenBucket(1, 2, clock, clock.sleep)
    clock.now += 1000
    for _ in range(3):
        bucket.take()
    assert clock.now == 1101


def test_a_refused_request_takes_the_burst_away() -> None:
    clock = Clock()
    bucket = TokenBucket(1, 100, clock, clock.sleep)
    bucket.drain()
    bucket.take()
    assert clock.now == 101


def test_waiting_threads_reserve_different_tokens() -> None:
    waits: list[float] = []
    bucket = TokenBucket(1, 1, lambda: 0.0, waits.append)
    threads = [Thread(target=bucket.take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [1, 2, 3, 4]


def test_workers_share_the_rate_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rate_limit.WORKERS_VARIABLE, "10")
    bucket = shared_bucket(50, 100)
    assert (bucket._rate, bucket._burst) == (5, 10)
    monkeypatch.setenv(rate_limit.WORKERS_VARIABLE, "1000")
    assert shared_bucket(50, 100)._burst == 1
