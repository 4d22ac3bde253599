from __future__ import annotations

import pytest

from jobs.common.delta.rows import AuditRow, FindingRow, SourceRow
from jobs.common.spark.row_buffer import InstanceKey, RowBuffer
from safelight.records import Action

SOURCE = SourceRow("r1", 0, "s1", "/a", 1, "v", "default", "k")
FINDING = FindingRow("r1", 0, "s1", "1.2", "(0008,103E)", "NAME", "ner", 0.9, [1, 2, 3, 4], 0, "h")
REPLACE = Action("(0010,0010)", "PatientName", "PN", "replace", "E.1-1 Z")
REMOVE = Action("(0010,0030)", "PatientBirthDate", "DA", "remove", "E.1-1 X", "d")


@pytest.fixture
def buffer() -> RowBuffer:
    return RowBuffer([SourceRow, FindingRow, AuditRow])


def test_rows_are_taken_by_table(buffer: RowBuffer) -> None:
    buffer.add(SOURCE)
    buffer.add(FINDING)
    tables = buffer.take_tables()
    assert set(tables) == {"sources", "findings"}
    (row,) = tables["findings"].to_pylist()
    assert (row["entity"], row["box"], row["frame"]) == ("NAME", [1, 2, 3, 4], 0)


def test_taking_the_rows_empties_the_buffer(buffer: RowBuffer) -> None:
    buffer.add(SOURCE)
    buffer.add_actions(InstanceKey("r1", 0, "s1", "1.2"), [REPLACE])
    assert len(buffer) == 2
    buffer.take_tables()
    assert len(buffer) == 0 and buffer.take_tables() == {}


def test_actions_become_audit_rows_of_their_instance(buffer: RowBuffer) -> None:
    buffer.add_actions(InstanceKey("r1", 0, "s1", "1.2"), [REPLACE, REMOVE])
    buffer.add_actions(InstanceKey("r1", 0, "s2", "1.3"), [REPLACE])
    rows = buffer.take_tables()["audit"].to_pylist()
    assert [(row["sop_uid"], row["keyword"], row["detail"]) for row in rows] == [
        ("1.2", "PatientName", ""), ("1.2", "PatientBirthDate", "d"), ("1.3", "PatientName", ""),
    ]  # fmt: skip
