from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from jobs.common.observe.progress_reporter import (
    NO_BATCH,
    ProgressAddress,
    ProgressReport,
    ProgressReporter,
    decode_report,
    encode_report,
    report_each,
)

TOKEN = bytes(range(16))


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(5)
        yield opened


def address_of(receiver: socket.socket) -> ProgressAddress:
    return ProgressAddress("127.0.0.1", receiver.getsockname()[1], TOKEN)


def test_the_first_object_is_reported_at_once(receiver: socket.socket) -> None:
    reporter = ProgressReporter(address_of(receiver), "SCAN", 3, task=7)
    reporter.report(size=100)
    assert decode_report(receiver.recv(512), TOKEN) == ProgressReport("SCAN", 3, 7, 1, 100)


def test_the_end_of_the_block_reports_the_total(receiver: socket.socket) -> None:
    with ProgressReporter(address_of(receiver), "REBUILD", 0, task=0) as reporter:
        for _ in range(1000):
            reporter.report(size=2)
    reports = [decode_report(receiver.recv(512), TOKEN) for _ in range(2)]
    assert reports == [
        ProgressReport("REBUILD", 0, 0, 1, 2),
        ProgressReport("REBUILD", 0, 0, 1000, 2000),
    ]


def test_a_datagram_with_another_token_or_size_is_no_report() -> None:
    datagram = encode_report(ProgressReport("SCAN", 0, 0, 1, 1), TOKEN)
    assert decode_report(datagram, bytes(16)) is None
    assert decode_report(datagram[:-1], TOKEN) is None
    assert decode_report(b"", TOKEN) is None


def test_a_stage_that_is_no_text_is_decoded() -> None:
    report = decode_report(TOKEN + b"\xff" * 16 + bytes(24), TOKEN)
    assert report is not None and not report.stage.isascii()


def test_without_an_address_nothing_is_reported() -> None:
    with ProgressReporter(None, "SCAN", 0) as reporter:
        reporter.report()


@pytest.mark.parametrize("host", ["driver.invalid", "127.0.0.1"])
def test_a_driver_that_cannot_be_reached_is_no_error(host: str) -> None:
    with ProgressReporter(ProgressAddress(host, 9, TOKEN), "SCAN", 0, task=0) as reporter:
        reporter.report()


def test_a_report_costs_little(receiver: socket.socket) -> None:
    reporter = ProgressReporter(address_of(receiver), "SCAN", 0, task=0)
    started = time.process_time()
    for _ in range(10_000):
        reporter.report(size=1)
    assert time.process_time() - started < 0.1  # 10 microseconds an object; measured: below 1


def test_an_item_is_reported_when_the_next_one_is_asked_for(receiver: socket.socket) -> None:
    items = report_each([30, 40], address_of(receiver), "CHECK", lambda item: item)
    assert next(items) == 30
    receiver.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.recv(512)
    assert list(items) == [40]
    receiver.settimeout(5)
    reports = [decode_report(receiver.recv(512), TOKEN) for _ in range(2)]
    assert [report.objects for report in reports if report] == [1, 2]
    assert reports[1] == ProgressReport("CHECK", NO_BATCH, 0, 2, 70)
