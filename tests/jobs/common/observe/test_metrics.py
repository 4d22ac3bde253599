from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.observe.metrics import MetricsOptions, plan_metrics


def test_there_are_no_metrics_by_default() -> None:
    assert plan_metrics(Namespace(metrics=None, metrics_cloudwatch=None)) == MetricsOptions()


def test_a_file_in_an_existing_folder_is_accepted(tmp_path: Path) -> None:
    file = str(tmp_path / "run.prom")
    options = plan_metrics(Namespace(metrics=file, metrics_cloudwatch=None))
    assert options == MetricsOptions(file)


def test_a_file_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    given = Namespace(metrics=str(tmp_path / "no" / "run.prom"), metrics_cloudwatch=None)
    with pytest.raises(UsageError, match="existing folder"):
        plan_metrics(given)


def test_cloudwatch_needs_a_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    given = Namespace(metrics=None, metrics_cloudwatch="Safelight")
    with pytest.raises(UsageError, match="AWS_DEFAULT_REGION"):
        plan_metrics(given)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert plan_metrics(given).cloudwatch_namespace == "Safelight"
