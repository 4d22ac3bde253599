from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.images.plugin import ImagePlugin
from jobs.common.run import task_recorder
from jobs.common.run.duplicates import OutputClaim
from jobs.common.run.task_recorder import TaskRecorder, decode_claims, encode_claims
from jobs.common.run.work_items import BatchContext, TaskReport, WorkItem
from jobs.common.spark.object_limits import ObjectLimits
from safelight.records import Reason, Refusal
from tests.jobs.fake_deidentifier import FakeDeidentifier
from tests.jobs.runs import fake_config


def claim(position: int) -> OutputClaim:
    return OutputClaim(position, f"s{position}", "1.2", "/out/a.dcm", "ff", 9, "new")


def report_with(claims: list[OutputClaim]) -> TaskReport:
    return TaskReport([], encode_claims(claims), len(claims), [], [], 0, 0, 0.0)


def refuse() -> None:
    raise Refusal(Reason.TRUNCATED, "the object ends early")


@pytest.fixture
def recorder(tmp_path: Path) -> TaskRecorder:
    tables = str(tmp_path / "tables")
    context = BatchContext(
        fake_config(), str(tmp_path / "out"), tables, tables, "r1", 3, "fake", ObjectLimits()
    )
    return TaskRecorder(ImagePlugin(FakeDeidentifier), context)


def test_claims_of_tasks_are_in_the_order_of_the_listing() -> None:
    claims = decode_claims([report_with([claim(2)]), report_with([]), report_with([claim(0)])])
    assert claims is not None and claims["position"].to_pylist() == [0, 2]
    assert decode_claims([report_with([])]) is None


def test_a_long_task_writes_several_files(
    recorder: TaskRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_recorder, "FLUSH_ROWS", 3)
    for position in range(4):
        recorder.process(WorkItem(position, f"s{position}", "/in/a", 1, "v"), refuse)
    report = recorder.finish()
    files = [file.rows for file in report.files if file.table == "instances"]
    assert files == [2, 2] and report.items == 4


def test_only_the_first_quarantined_sources_are_named(recorder: TaskRecorder) -> None:
    for position in range(15):
        recorder.process(WorkItem(position, f"s{position}", "/in/a", 1, "v"), refuse)
    report = recorder.finish()
    assert [entry.source_id for entry in report.quarantined] == [f"s{n}" for n in range(10)]
    assert [(o.status, o.reason_code, o.count) for o in report.outcomes] == [
        ("quarantined", "truncated", 15)
    ]


def test_files_are_named_by_run_and_batch(recorder: TaskRecorder) -> None:
    recorder.process(WorkItem(0, "s0", "/in/jane", 1, "v"), refuse)
    names = [file.path for file in recorder.finish().files]
    assert all(name.startswith("r1-000003-") and "jane" not in name for name in names)
