from __future__ import annotations

from jobs.common.spark.worker_crash import is_worker_crash


def test_only_a_dead_worker_is_taken_for_one() -> None:
    assert is_worker_crash(RuntimeError("Job aborted: Python worker exited unexpectedly (crashed)"))
    assert not is_worker_crash(RuntimeError("OutputError: PermissionError"))
