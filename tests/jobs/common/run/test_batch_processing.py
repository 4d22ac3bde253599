from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.common.images.plugin import ImagePlugin
from jobs.common.observe.observer import Observer
from jobs.common.run.batch_processing import BatchProcessor
from jobs.common.run.work_items import BatchContext
from tests.jobs.fake_deidentifier import FakeDeidentifier
from tests.jobs.runs import make_run_config, write_sources

CRASH = RuntimeError("Job aborted: Python worker exited unexpectedly (crashed)")


def isolation_of_calls(
    place: Path, master: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> list[bool]:
    """Return whether objects were isolated in each try of a batch whose first try fails."""
    calls: list[bool] = []

    def run_once(_: Any, packed: object, context: BatchContext, size: object) -> list[Any]:
        calls.append(context.isolated)
        if not context.isolated:
            raise error
        return []

    write_sources(place, {"a": "1.1 1.2 1.3 words"})
    monkeypatch.setattr(BatchProcessor, "_run_once", run_once)
    tables: Any = SimpleNamespace(
        spark=SimpleNamespace(sparkContext=SimpleNamespace(master=master))
    )
    plugin = ImagePlugin(FakeDeidentifier)
    processor = BatchProcessor(tables, make_run_config(place), plugin, Observer("tests"))
    frame: Any = None
    processor.process_frame(frame, 0)
    return calls


def test_a_batch_is_isolated_after_a_crash_that_spark_does_not_repeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isolation_of_calls(tmp_path, "local[*]", CRASH, monkeypatch) == [False, True]


@pytest.mark.parametrize(
    ("master", "error"), [("local[*,4]", CRASH), ("yarn", CRASH), ("local[*]", KeyError("a"))]
)
def test_another_failure_of_a_batch_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, master: str, error: Exception
) -> None:
    with pytest.raises(type(error)):
        isolation_of_calls(tmp_path, master, error, monkeypatch)
