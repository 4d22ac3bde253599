from __future__ import annotations

import queue
import socket
import threading
from typing import Any

import pytest

from jobs.common.observe.progress_reporter import ProgressReport, ProgressReporter
from jobs.common.observe.report_receiver import ReportReceiver, open_receiver


def test_a_report_of_a_worker_arrives() -> None:
    received: queue.Queue[ProgressReport] = queue.Queue()
    receiver = ReportReceiver("localhost", "127.0.0.1", received.put)
    try:
        ProgressReporter(receiver.address, "SCAN", 2, task=1).report(size=5)
        assert received.get(timeout=5) == ProgressReport("SCAN", 2, 1, 1, 5)
    finally:
        receiver.close()


def test_datagrams_of_strangers_are_ignored() -> None:
    received: queue.Queue[ProgressReport] = queue.Queue()
    receiver = ReportReceiver("127.0.0.1", "127.0.0.1", received.put)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(bytes(56), ("127.0.0.1", receiver.address.port))
            stranger.sendto(b"x" * 2000, ("127.0.0.1", receiver.address.port))
        ProgressReporter(receiver.address, "SCAN", 0, task=0).report()
        assert received.get(timeout=5).objects == 1
        assert received.empty()
    finally:
        receiver.close()


def test_closing_ends_the_thread() -> None:
    receiver = ReportReceiver("127.0.0.1", "127.0.0.1", lambda report: None)
    receiver.close()
    assert "progress-reports" not in {thread.name for thread in threading.enumerate()}


def test_an_address_of_another_machine_cannot_be_bound() -> None:
    with pytest.raises(OSError):
        ReportReceiver("192.0.2.1", "192.0.2.1", lambda report: None)


def test_tasks_of_spark_report_by_partition(spark: Any) -> None:
    received: queue.Queue[ProgressReport] = queue.Queue()
    receiver = open_receiver(spark.sparkContext, received.put)
    assert receiver is not None
    address = receiver.address

    def work(batches: Any) -> Any:
        with ProgressReporter(address, "SCAN", 0) as progress:
            for batch in batches:
                progress.report(batch.num_rows)
                yield batch

    try:
        spark.range(0, 20, 1, 2).mapInArrow(work, "id long").collect()
        totals: dict[int, int] = {}
        while sum(totals.values()) < 20:
            report = received.get(timeout=10)
            totals[report.task] = report.objects
        assert totals == {0: 10, 1: 10}
    finally:
        receiver.close()
