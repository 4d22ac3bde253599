"""Send the metrics of a run to CloudWatch as increments."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple, Optional

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.log import log_error
from jobs.common.observe.metrics import RunMetrics

#: Seconds between two requests, since CloudWatch keeps one value a minute by default.
SEND_SECONDS = 30.0

#: Seconds until the next request after a failed one.
RETRY_SECONDS = 300.0

#: Seconds that the end of a run waits for its last request, and those of a run that failed or was
#: interrupted, which must end soon.
LAST_REQUEST_SECONDS = 10.0
LAST_REQUEST_SECONDS_AFTER_FAILURE = 1.0

#: Metrics of one request; CloudWatch takes at most 1,000.
MAX_METRICS_PER_REQUEST = 500


class _Series(NamedTuple):
    """One time series: the name of a metric, its unit and its dimensions besides the command."""

    name: str
    unit: str
    dimensions: tuple[tuple[str, str], ...]


class CloudWatchMetrics:
    """Sender of the metrics of one run. The run ID is not a dimension: each value would cost.

    Parameters
    ----------
    namespace : str
        Namespace of the metrics.
    """

    def __init__(self, namespace: str):
        self._namespace = namespace
        self._sent: dict[_Series, float] = {}
        self._next_time = 0.0
        self._has_failed = False
        self._sender: Optional[threading.Thread] = None

    def publish(self, metrics: RunMetrics) -> None:
        """Send what the counters grew by since the last request; the first failure is logged.

        A thread sends them, so that a network that does not answer delays no commit. The end of
        a run waits for it, for some seconds.

        Parameters
        ----------
        metrics : RunMetrics
            Current values. They are sent at once if the run has ended.
        """
        seconds = LAST_REQUEST_SECONDS if metrics.succeeded else LAST_REQUEST_SECONDS_AFTER_FAILURE
        if metrics.succeeded is not None:
            self.wait(seconds)
        elif time.monotonic() < self._next_time:
            return
        if self._sender is not None and self._sender.is_alive():
            return
        self._next_time = time.monotonic() + SEND_SECONDS
        self._sender = threading.Thread(
            target=self._send_growth, args=(metrics,), name="cloudwatch", daemon=True
        )
        self._sender.start()
        if metrics.succeeded is not None:
            self.wait(seconds)

    def wait(self, seconds: float) -> None:
        """Wait until the last request is answered, or some seconds have passed."""
        if self._sender is not None:
            self._sender.join(seconds)

    def _send_growth(self, metrics: RunMetrics) -> None:
        counters = dict(_counters(metrics))
        grown = {
            series: value - self._sent.get(series, 0)
            for series, value in counters.items()
            if value > self._sent.get(series, 0)
        }
        try:
            self._send(metrics, {**grown, **dict(_gauges(metrics))})
        except Exception as error:  # classes of botocore
            if not self._has_failed:
                log_error(
                    "metrics_failed",
                    f"CloudWatch does not accept the metrics ({error_code(error)}); check the "
                    "permission cloudwatch:PutMetricData; the run continues",
                )
            self._has_failed = True
            self._next_time = time.monotonic() + RETRY_SECONDS
            return
        self._sent = counters

    def _send(self, metrics: RunMetrics, values: Mapping[_Series, float]) -> None:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
        client = boto3.client("cloudwatch", config=config)
        data = [_format_datum(metrics, series, value) for series, value in values.items()]
        for start in range(0, len(data), MAX_METRICS_PER_REQUEST):
            client.put_metric_data(
                Namespace=self._namespace,
                MetricData=data[start : start + MAX_METRICS_PER_REQUEST],
            )


def _counters(metrics: RunMetrics) -> Iterator[tuple[_Series, float]]:
    counts = metrics.counts
    for status, count in counts.by_status().items():
        yield _series("Objects", "Count", Status=status), count
    yield _series("Objects", "Count", Status="skipped"), metrics.skipped
    for (status, reason), count in counts.by_reason():
        yield _series("Reasons", "Count", Status=status, Reason=reason), count
    yield _series("BytesIn", "Bytes"), counts.bytes_in
    yield _series("BytesOut", "Bytes"), counts.bytes_out
    yield _series("Batches", "Count"), metrics.batches
    for stage, seconds in metrics.stage_seconds.items():
        yield _series("StageSeconds", "Seconds", Stage=stage), seconds
    if metrics.succeeded is not None:
        yield _series("Runs", "Count", Result="done" if metrics.succeeded else "failed"), 1


def _gauges(metrics: RunMetrics) -> Iterator[tuple[_Series, float]]:
    yield _series("QueueObjects", "Count"), metrics.queue_objects
    yield _series("QueueBytes", "Bytes"), metrics.queue_bytes
    yield _series("QueueLag", "Seconds"), metrics.queue_lag_seconds


def _series(name: str, unit: str, **dimensions: str) -> _Series:
    return _Series(name, unit, tuple(dimensions.items()))


def _format_datum(metrics: RunMetrics, series: _Series, value: float) -> dict[str, Any]:
    dimensions: Sequence[tuple[str, str]] = (("Command", metrics.command), *series.dimensions)
    return {
        "MetricName": series.name,
        "Dimensions": [{"Name": name, "Value": text} for name, text in dimensions],
        "Timestamp": datetime.fromtimestamp(metrics.updated, timezone.utc),
        "Value": float(value),
        "Unit": series.unit,
    }
