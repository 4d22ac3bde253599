from __future__ import annotations

import pytest

from jobs.common.delta.rows import AuditRow, FindingRow, SourceRow
from jobs.common.spark.row_buffer import FLUSH_ROWS, InstanceKey, RowBuffer, concat_payloads
from safelight.records import Action

SOURCE = SourceRow("r1", 0, "s1", "/a", 1, "v", "default", "k")
FINDING = FindingRow("r1", 0, "s1", "1.2", "(0008,103E)", "NAME", "ner", 0.9, [1, 2, 3, 4], 0, "h")
REPLACE = Action("(0010,0010)", "PatientName", "PN", "replace", "E.1-1 Z")
REMOVE = Action("(0010,0030)", "PatientBirthDate", "DA", "remove", "E.1-1 X", "d")


@pytest.fixture
def buffer() -> RowBuffer:
    return RowBuffer([SourceRow, FindingRow, AuditRow])


def test_payload_has_the_rows_by_table(buffer: RowBuffer) -> None:
    buffer.add(SOURCE)
    buffer.add(FINDING)
    payload = buffer.take_payload()
    assert set(payload) == {"sources", "findings"}
    (row,) = concat_payloads([payload], "findings").to_pylist()
    assert (row["entity"], row["box"], row["frame"]) == ("NAME", [1, 2, 3, 4], 0)


def test_payload_empties_the_buffer(buffer: RowBuffer) -> None:
    buffer.add(SOURCE)
    buffer.add_actions(InstanceKey("r1", 0, "s1", "1.2"), [REPLACE])
    assert len(buffer) == 2
    buffer.take_payload()
    assert len(buffer) == 0 and buffer.take_payload() == {}


def test_actions_become_audit_rows_of_their_instance(buffer: RowBuffer) -> None:
    buffer.add_actions(InstanceKey("r1", 0, "s1", "1.2"), [REPLACE, REMOVE])
    buffer.add_actions(InstanceKey("r1", 0, "s2", "1.3"), [REPLACE])
    rows = concat_payloads([buffer.take_payload()], "audit").to_pylist()
    assert [(row["sop_uid"], row["keyword"], row["detail"]) for row in rows] == [
        ("1.2", "PatientName", ""), ("1.2", "PatientBirthDate", "d"), ("1.3", "PatientName", ""),
    ]  # fmt: skip


def test_payloads_of_tasks_are_concatenated_in_their_order(buffer: RowBuffer) -> None:
    payloads = []
    for number in (1, 2):
        buffer.add_actions(InstanceKey("r1", 0, f"s{number}", "1"), [REPLACE])
        payloads.append(buffer.take_payload())
    rows = concat_payloads(payloads, "audit").to_pylist()
    assert [row["source_id"] for row in rows] == ["s1", "s2"]


def test_a_table_without_rows_has_no_payload() -> None:
    assert concat_payloads([{}, {}], "audit") is None


def test_a_stream_sets_one_table_per_row(buffer: RowBuffer) -> None:
    buffer.add(SOURCE)
    buffer.add(FINDING)
    batches = list(buffer.flush())
    assert [batch.schema.names for batch in batches] == [["sources", "findings", "audit"]] * 2
    (first,) = batches[0].to_pylist()
    assert first["sources"]["source_uri"] == "/a" and first["findings"] is None


def test_a_buffer_is_full_after_a_number_of_rows(buffer: RowBuffer) -> None:
    for _ in range(FLUSH_ROWS):
        assert not buffer.is_full
        buffer.add(SOURCE)
    assert buffer.is_full
