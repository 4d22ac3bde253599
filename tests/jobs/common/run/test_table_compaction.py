"""Tables are compacted by tasks of the cluster."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta import maintenance
from jobs.common.delta.maintenance import compact_small_files, describe_table
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.table_compaction import compact_in_cluster
from jobs.common.storage.location import Location
from tests.jobs.common.delta.test_maintenance import commit


def test_each_table_is_compacted_by_a_task_and_a_failed_one_is_named(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "COMPACTION_MIN_FILES", 5)
    tables = Tables(spark, Location("", str(tmp_path)))
    commit(tables, "audit", range(5))
    commit(tables, "catalog", range(5))
    for file in Path(tables.path("catalog")).glob("*.parquet"):
        file.unlink()
    assert compact_small_files(tables, partial(compact_in_cluster, spark)) == ["catalog"]
    state = describe_table(tables, "audit")
    assert state is not None and (state.files, state.rows) == (1, 5)


def test_a_session_that_has_not_started_is_known(spark: Any, tmp_path: Path) -> None:
    tables = Tables(lambda: spark, Location("", str(tmp_path)))
    assert not tables.has_session
    assert tables.spark is spark and tables.has_session
