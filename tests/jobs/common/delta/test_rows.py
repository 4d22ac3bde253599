from __future__ import annotations

from dataclasses import fields, is_dataclass

import pytest

from jobs.common.delta.rows import SourceRow
from jobs.common.delta.schemas import ROW_TYPES


def test_a_source_row_does_not_show_its_uri() -> None:
    row = SourceRow("r1", 0, "ab12", "/scans/doe-jane.dcm", 1, "v", "default", "k")
    assert "ab12" in repr(row) and "jane" not in repr(row)


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_each_table_has_a_row_class_of_its_own(table: str) -> None:
    row_type = ROW_TYPES[table]
    assert is_dataclass(row_type) and row_type.table == table
    assert len(fields(row_type)) > 3
