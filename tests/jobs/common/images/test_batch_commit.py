from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.rows import AuditRow, SourceRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.table_set import Tables
from jobs.common.images.batch_commit import BatchRows
from jobs.common.images.recorder import WorkerInstanceRow
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.spark.row_buffer import InstanceKey, Payload, RowBuffer
from jobs.common.storage.location import Location
from safelight.records import Action
from tests.jobs.runs import fake_config

ACTION = Action("(0010,0010)", "PatientName", "PN", "replace", "E.1-1 Z")


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    return Tables(spark, Location("", str(tmp_path)))


def payload_of(position: int, sop_uid: str, sha256: str) -> Payload:
    """Return the payload of a task with one written object."""
    values = dict.fromkeys((*table_schema("instances").names, "position", "written"))
    values |= {
        "run_id": "r1", "batch": 0, "source_id": f"s{position}", "status": "deidentified",
        "reason_code": "", "reason": "", "sop_uid": sop_uid, "position": position,
        "output_uri": f"/out/{sop_uid}.dcm", "output_sha256": sha256, "written": "new",
    }  # fmt: skip
    buffer = RowBuffer([SourceRow, AuditRow, WorkerInstanceRow])
    buffer.add(WorkerInstanceRow(**values))
    buffer.add(SourceRow("r1", 0, f"s{position}", "/a", 1, "v", "default", "k"))
    buffer.add_actions(InstanceKey("r1", 0, f"s{position}", sop_uid), [ACTION])
    return buffer.take_payload()


def commit(tables: Tables, *payloads: Payload) -> list[dict[str, Any]]:
    rows = BatchRows(payloads)
    found = rows.commit(tables, rows.resolve(tables, fake_config(), "/out"))
    return list(found.to_pylist())


def test_instances_are_committed_in_the_order_of_the_listing(tables: Tables) -> None:
    commit(tables, payload_of(1, "1.2", "x"), payload_of(0, "1.1", "y"))
    rows = list(tables.rows("instances", ["source_id", "sop_uid"], None))
    assert [row["source_id"] for row in rows] == ["s0", "s1"]


def test_a_source_with_other_content_is_refused_without_details(tables: Tables) -> None:
    first, second = commit(tables, payload_of(0, "1.1", "x"), payload_of(1, "1.1", "y"))
    assert first["status"] == "deidentified"
    assert (second["status"], second["reason_code"]) == ("quarantined", "duplicate_instance")
    assert second["output_uri"] is None
    assert [row["source_id"] for row in tables.rows("audit", ["source_id"], None)] == ["s0"]


def test_a_source_with_the_same_content_names_its_reason(tables: Tables) -> None:
    rows = commit(tables, payload_of(0, "1.1", "x"), payload_of(1, "1.1", "x"))
    assert [row["reason"] for row in rows] == ["", SAME_CONTENT]


def test_a_known_source_is_not_added_again(tables: Tables) -> None:
    commit(tables, payload_of(0, "1.1", "x"))
    commit(tables, payload_of(0, "1.3", "z"))
    assert [row["source_id"] for row in tables.rows("sources", ["source_id"], None)] == ["s0"]
