from __future__ import annotations

from collections import Counter
from typing import Any

from jobs.common.observe.metrics import RunMetrics
from jobs.common.observe.run_counts import BatchCounts, Outcome


def make_metrics(**fields: Any) -> RunMetrics:
    outcomes = {Outcome("deidentified", ""): 5, Outcome("quarantined", "truncated"): 2}
    values: dict[str, Any] = {
        "command": "deidentify",
        "run_id": "r1",
        "counts": BatchCounts(Counter(outcomes), 7, 700, 500),
        "batches": 2,
        "skipped": 4,
        "stage_seconds": {"SCAN": 1.5},
        "queue_objects": 10,
        "queue_bytes": 1000,
        "queue_lag_seconds": 3.0,
        "started": 1_700_000_000.0,
        "updated": 1_700_000_060.0,
    }
    return RunMetrics(**(values | fields))
