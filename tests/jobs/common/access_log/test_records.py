from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.access_log.entries import Defect
from jobs.common.access_log.records import compare_records, make_record
from jobs.common.delta.rows import ReidentificationRow
from tests.jobs.common.access_log.test_entries import LOG

RECORDS = [make_record(entry) for entry in LOG]

CHANGES: dict[str, Any] = {
    "accessed_at": datetime(2026, 11, 30, 9, tzinfo=timezone.utc),
    "accessed_by": "other",
    "reason": "other",
    "asked": "pseudonym",
    "asked_count": 2,
    "answered_count": 0,
    "namespace": "other",
    "key_id": "other",
    "software_version": None,
    "entry": 2,
    "entry_hash": "other",
}


@given(st.permutations(RECORDS), st.integers(0, len(RECORDS)))
def test_some_of_the_records_in_any_order_have_no_defects(
    records: list[ReidentificationRow], count: int
) -> None:
    assert compare_records(LOG, records[:count]) == []


@pytest.mark.parametrize("column", ReidentificationRow.__slots__)
def test_each_changed_column_is_found(column: str) -> None:
    changed = replace(RECORDS[0], **{column: CHANGES[column]})
    [found] = compare_records(LOG, [changed, *RECORDS[1:]])
    assert found.kind == "record_differs"


def test_a_changed_row_is_found_if_the_right_row_is_there_as_well() -> None:
    changed = replace(RECORDS[1], entry_hash="other")
    for records in ([changed, *RECORDS], [*RECORDS, changed]):
        assert compare_records(LOG, records) == [Defect(2, "record_differs")]


def test_a_row_whose_entry_was_removed_is_found() -> None:
    assert compare_records(LOG[:4], RECORDS) == [Defect(5, "missing")]
    assert compare_records([], RECORDS[:1]) == [Defect(1, "missing")]


def test_a_row_without_a_number_is_a_defect_from_the_first_entry_on() -> None:
    row = replace(RECORDS[0], entry=None, entry_hash=None)
    assert compare_records(LOG, [row]) == [Defect(None, "record_without_entry")]
    earlier = replace(row, accessed_at=datetime(2020, 1, 1, tzinfo=timezone.utc))
    assert compare_records(LOG, [earlier]) == compare_records([], [row]) == []
