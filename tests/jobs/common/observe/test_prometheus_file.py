from __future__ import annotations

import os
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.common.observe.prometheus_file import PrometheusFile
from tests.jobs.common.observe.make_metrics import make_metrics


def read_values(path: Path) -> dict[tuple[str, ...], float]:
    """Return the value of each sample by its name and the values of its labels, sorted."""
    families = text_string_to_metric_families(path.read_text())
    samples = [sample for family in families for sample in family.samples]
    return {(s.name, *sorted(s.labels.values())): s.value for s in samples}


def test_all_counters_are_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "run.prom"
    PrometheusFile(str(file)).publish(make_metrics())
    values = read_values(file)
    for key, value in {
        ("safelight_objects_total", "deidentified"): 5,
        ("safelight_objects_total", "filtered"): 0,
        ("safelight_objects_total", "skipped"): 4,
        ("safelight_reasons_total", "quarantined", "truncated"): 2,
        ("safelight_bytes_total", "in"): 700,
        ("safelight_bytes_total", "out"): 500,
        ("safelight_stage_seconds_total", "SCAN"): 1.5,
        ("safelight_batches_total",): 2,
        ("safelight_queue_objects",): 10,
        ("safelight_queue_lag_seconds",): 3,
        ("safelight_run_active",): 1,
        ("safelight_run_failed",): 0,
    }.items():
        assert values[key] == value, key
    assert 'safelight_run_info{command="deidentify",run_id="r1"' in file.read_text()


def test_the_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "run.prom"
    sink = PrometheusFile(str(file))
    sink.publish(make_metrics())
    sink.publish(make_metrics(batches=3, succeeded=False))
    values = read_values(file)
    assert values["safelight_batches_total",] == 3
    assert values["safelight_run_failed",] == 1
    assert os.listdir(tmp_path) == ["run.prom"]


def test_a_file_that_cannot_be_written_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sink = PrometheusFile(str(tmp_path / "no" / "run.prom"))
    sink.publish(make_metrics())
    sink.publish(make_metrics())
    (line,) = capsys.readouterr().err.splitlines()
    assert "No such file or directory" in line and str(tmp_path) not in line
