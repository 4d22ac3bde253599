"""Publish the counters of a run: a file in the text format of Prometheus, or CloudWatch."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Protocol

from jobs.common.cli.errors import UsageError
from jobs.common.observe.run_counts import BatchCounts


@dataclass(frozen=True)
class MetricsOptions:
    """Destinations of the metrics of a run.

    Attributes
    ----------
    file : str or None
        Local file in the text format of Prometheus.
    cloudwatch_namespace : str or None
        Namespace of the metrics in CloudWatch.
    """

    file: Optional[str] = None
    cloudwatch_namespace: Optional[str] = None


@dataclass(frozen=True)
class RunMetrics:
    """Values of the metrics of a run at one time.

    Attributes
    ----------
    command, run_id : str
    counts : BatchCounts
        Counts of the committed batches.
    batches : int
        Number of committed batches.
    skipped : int
        Objects that earlier runs have finished.
    stage_seconds : mapping
        Time in which each stage was active.
    queue_objects, queue_bytes : int
        Listed objects that are not committed yet, and the bytes of their sources.
    queue_lag_seconds : float
        Time since the last commit, or since the start, while objects are queued.
    started, updated : float
        Epoch seconds.
    succeeded : bool or None
        ``None`` while the run lasts.
    """

    command: str
    run_id: str
    counts: BatchCounts
    batches: int
    skipped: int
    stage_seconds: Mapping[str, float]
    queue_objects: int
    queue_bytes: int
    queue_lag_seconds: float
    started: float
    updated: float
    succeeded: Optional[bool] = None


class MetricsSink(Protocol):
    """Destination of metrics."""

    def publish(self, metrics: RunMetrics) -> None:
        """Publish the values; a failure must not end the run."""


def plan_metrics(given: argparse.Namespace) -> MetricsOptions:
    """Check the arguments of :func:`jobs.common.cli.arguments.add_metrics`.

    Raises
    ------
    UsageError
        If the file cannot be written, or CloudWatch has no region.
    """
    if given.metrics:
        folder = Path(given.metrics).absolute().parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise UsageError(
                f"--metrics {given.metrics} cannot be written; give a file in an existing folder"
            )
    if given.metrics_cloudwatch:
        import boto3

        if not boto3.Session().region_name:
            raise UsageError(
                "--metrics-cloudwatch needs a region; set the environment variable "
                "AWS_DEFAULT_REGION"
            )
    return MetricsOptions(given.metrics, given.metrics_cloudwatch)
