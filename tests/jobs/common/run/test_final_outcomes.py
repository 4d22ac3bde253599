from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.final_outcomes import is_final, limit_parameters
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.storage.location import Location

LOW, HIGH = ObjectLimits(60, 1 << 30), ObjectLimits(120, 2 << 30)


def record_run(tables: Tables, run_id: str, limits: ObjectLimits) -> None:
    row = dict.fromkeys(table_schema("runs").names)
    row |= {"run_id": run_id, "parameters": list(limit_parameters(limits).items())}
    tables.append_arrow("runs", pa.Table.from_pylist([row], table_schema("runs")))


@pytest.mark.parametrize(
    ("reason_code", "limits", "final"),
    [
        ("", HIGH, True),
        ("not_dicom", HIGH, True),
        ("unreadable_source", LOW, False),
        ("object_timeout", LOW, True),
        ("object_timeout", HIGH, False),
        ("object_timeout", ObjectLimits(60, 2 << 30), True),
        ("object_memory", LOW, True),
        ("object_memory", HIGH, False),
        ("object_memory", ObjectLimits(120, 1 << 30), True),
        ("decoder_crash", HIGH, True),
    ],
)
def test_an_object_beyond_a_limit_is_tried_again_under_a_higher_one(
    tmp_path: Path, reason_code: str, limits: ObjectLimits, final: bool
) -> None:
    tables = Tables(None, Location("", str(tmp_path)))
    record_run(tables, "r1", LOW)
    rows = pa.table({"reason_code": [reason_code], "run_id": ["r1"]})
    assert len(rows.filter(is_final(tables, limits))) == final


def test_without_runs_an_exceeded_limit_is_final(tmp_path: Path) -> None:
    tables = Tables(None, Location("", str(tmp_path)))
    rows = pa.table({"reason_code": ["object_timeout"], "run_id": ["r0"]})
    assert len(rows.filter(is_final(tables, HIGH))) == 1
