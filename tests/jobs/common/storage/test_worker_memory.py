from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.storage import worker_memory


def test_the_memory_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "max").write_text("1000000\n")
    monkeypatch.setattr(worker_memory, "_CONTAINER_MEMORY_FILES", (f"{tmp_path}/max", "/none"))
    worker_memory.memory_for_one_source.cache_clear()
    assert worker_memory.memory_for_one_source() == 500_000
    worker_memory.memory_for_one_source.cache_clear()
