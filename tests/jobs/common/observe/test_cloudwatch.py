from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from jobs.common.observe import cloudwatch as cloudwatch_module
from jobs.common.observe.cloudwatch import SEND_SECONDS, CloudWatchMetrics
from jobs.common.observe.run_counts import BatchCounts
from tests.jobs.common.observe.make_metrics import make_metrics

NAMESPACE = "Safelight/Tests"


@pytest.fixture
def cloudwatch(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let boto3 use the server, which has CloudWatch too."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    yield boto3.client("cloudwatch")


def sum_of(cloudwatch: Any, name: str, **dimensions: str) -> float:
    dimensions = {"Command": "deidentify", **dimensions}
    found = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.fromtimestamp(1_699_999_000, timezone.utc),
        EndTime=datetime.fromtimestamp(1_700_001_000, timezone.utc),
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


def test_counters_are_sent_as_increments(cloudwatch: Any) -> None:
    now = 1000.0
    sink = CloudWatchMetrics(NAMESPACE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloudwatch_module, "time", SimpleNamespace(monotonic=lambda: now))
        sink.publish(make_metrics())
        sink.wait(30)
        more = make_metrics().counts
        more.add(make_metrics().counts)
        sink.publish(make_metrics(counts=more))  # too early
        assert sum_of(cloudwatch, "Objects", Status="deidentified") == 5
        now += SEND_SECONDS
        sink.publish(make_metrics(counts=more))
        sink.wait(30)
    assert sum_of(cloudwatch, "Objects", Status="deidentified") == 10
    assert sum_of(cloudwatch, "Objects", Status="skipped") == 4
    assert sum_of(cloudwatch, "Reasons", Status="quarantined", Reason="truncated") == 4
    assert sum_of(cloudwatch, "StageSeconds", Stage="SCAN") == 1.5
    assert sum_of(cloudwatch, "QueueObjects") == 20


def test_the_end_of_a_run_is_sent_at_once(cloudwatch: Any) -> None:
    sink = CloudWatchMetrics(NAMESPACE)
    sink.publish(make_metrics(command="end"))
    sink.publish(make_metrics(command="end", succeeded=False))
    assert sum_of(cloudwatch, "Runs", Command="end", Result="failed") == 1


def test_a_refused_request_is_said_once_and_sent_with_the_next(
    cloudwatch: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sink = CloudWatchMetrics(NAMESPACE)
    metrics = make_metrics(command="refused", counts=BatchCounts(), succeeded=True)
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        sink.publish(metrics)
        sink.publish(metrics)
    (line,) = capsys.readouterr().err.splitlines()
    assert "EndpointConnectionError" in line and "cloudwatch:PutMetricData" in line
    sink.publish(metrics)
    assert sum_of(cloudwatch, "Runs", Command="refused", Result="done") == 1


def test_a_network_that_does_not_answer_delays_a_commit_by_nothing(
    cloudwatch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        sink = CloudWatchMetrics(NAMESPACE)
        sink.publish(make_metrics(command="silent"))
        assert sink._sender is not None and sink._sender.is_alive()
        sink.publish(make_metrics(command="silent", succeeded=False))  # waits, but not for long
    sink.wait(30)
