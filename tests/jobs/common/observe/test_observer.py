from __future__ import annotations

import io
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.log import configure_log
from jobs.common.observe import observer as observer_module
from jobs.common.observe.metrics import MetricsOptions
from jobs.common.observe.observer import Observer
from jobs.common.observe.progress_reporter import ProgressReporter
from jobs.common.observe.run_counts import BatchCounts, Outcome
from tests.jobs.common.observe.test_prometheus_file import read_values

COUNTS = BatchCounts(
    Counter(
        {
            Outcome("deidentified", ""): 3,
            Outcome("filtered", "not_dicom"): 1,
            Outcome("quarantined", "truncated"): 12,
        }
    ),
    objects=16,
    bytes_in=1600,
    bytes_out=300,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def text_format() -> Iterator[None]:
    yield
    configure_log("text")


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_last_lines_list_reasons_and_ten_quarantined_objects(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Observer("deidentify", "r1") as observer:
        for number in range(12):
            observer.quarantined(f"id{number:02}", "truncated")
        observer.batch_committed(0, COUNTS)
        observer.finish()
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "filtered not_dicom: 1",
        "quarantined truncated: 12",
        *(f"quarantined id{number:02} truncated" for number in range(10)),
        "and 2 more; `safelight status` lists all of them",
    ]


def test_a_run_without_refused_objects_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Observer("deidentify", "r1") as observer, observer.stage("LIST"):
        pass
    observer.finish()
    assert capsys.readouterr() == ("", "")


def test_json_lines_name_run_stage_batch_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("json")
    with Observer("deidentify", "r1") as observer:
        observer.expect(16, 1600, skipped=4)
        with observer.stage("SCAN", 2, tasks=1, objects=16):
            pass
        observer.quarantined("id00", "truncated")
        observer.batch_committed(2, COUNTS)
        observer.finish()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == [
        "work_listed", "stage_started", "stage_finished", "batch_committed", "reason_count",
        "reason_count", "quarantined_object", "quarantined_more",
    ]  # fmt: skip
    assert {(line["command"], line["run_id"]) for line in lines} == {("deidentify", "r1")}
    assert (lines[2]["stage"], lines[2]["batch"]) == ("SCAN", 2)
    assert lines[3]["reasons"] == {"not_dicom": 1, "truncated": 12}
    assert (lines[6]["source_id"], lines[6]["reason"]) == ("id00", "truncated")


def test_a_failed_stage_is_logged_and_counts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("json")
    with pytest.raises(RuntimeError), Observer("deidentify", "r1") as observer:
        with observer.stage("SCAN", 0, objects=5):
            raise RuntimeError
    assert "stage_failed" in capsys.readouterr().err
    assert observer.progress()[0].objects == 0


def test_a_terminal_shows_objects_of_workers_within_a_batch(
    spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Observer("deidentify", "r1") as observer:
        observer.expect(10, 1000)
        observer.attach(spark.sparkContext)
        address = observer.address

        def work(batches: Any) -> Any:
            with ProgressReporter(address, "REBUILD", 0) as progress:
                for batch in batches:
                    progress.report(3, 300)
                    time.sleep(1.5)
                    yield batch

        with observer.stage("REBUILD", 0, tasks=1, objects=10, size=1000):
            spark.range(0, 1, 1, 1).mapInArrow(work, "id long").collect()
        observer.finish()
    text = terminal.getvalue()
    assert "30% 3 of 10 objects" in text
    assert text.endswith("\x1b[J")


def test_the_driver_reports_its_own_work() -> None:
    with Observer("export") as observer, observer.stage("COPY", objects=4) as stage:
        stage.report(3, 30)
        (progress,) = observer.progress()
    assert (progress.objects, progress.bytes) == (3, 30)


def test_tasks_of_spark_are_counted_if_no_report_arrives(
    spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observer_module, "SILENT_SECONDS", 0.1)
    go_on = threading.Event()

    def run() -> None:
        with observer.stage("SCAN", 0, tasks=4, objects=40):
            spark.sparkContext.parallelize(range(4), 4).count()
            go_on.wait(30)

    with Observer("deidentify", "r1") as observer:
        observer.attach(spark.sparkContext)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            wait_until(lambda: observer.progress() and observer.progress()[0].objects == 40)
        finally:
            go_on.set()
            thread.join()


def test_without_a_terminal_a_line_appears_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(observer_module, "LINE_SECONDS", 0.1)
    with Observer("deidentify", "r1") as observer:
        observer.expect(10)
        with observer.stage("SCAN", 0, objects=10) as stage:
            stage.report(4)
            lines: list[str] = []
            wait_until(lambda: lines.extend(capsys.readouterr().err.splitlines()) or lines)
    assert lines[0].startswith("SCAN: 4 of 10 objects")


def test_metrics_are_written_after_each_batch_and_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "run.prom"
    with Observer("deidentify", "r1", MetricsOptions(str(file))) as observer:
        observer.expect(20, 2000, skipped=4)
        with observer.stage("SCAN", 0, objects=16):
            pass
        observer.batch_committed(0, COUNTS)
        values = read_values(file)
        assert values["safelight_queue_objects",] == 4
        assert values["safelight_queue_bytes",] == 400
        assert values["safelight_objects_total", "quarantined"] == 12
        assert values["safelight_run_active",] == 1
        assert ("safelight_stage_seconds_total", "SCAN") in values
    assert read_values(file)["safelight_run_active",] == 0


def test_the_metrics_of_a_failed_run_say_so(tmp_path: Path) -> None:
    file = tmp_path / "run.prom"
    with pytest.raises(RuntimeError), Observer("deidentify", "r1", MetricsOptions(str(file))):
        raise RuntimeError
    assert read_values(file)["safelight_run_failed",] == 1


def test_no_thread_is_left(spark: Any) -> None:
    with Observer("deidentify", "r1") as observer:
        observer.attach(spark.sparkContext)
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"progress-display", "progress-reports"}
