from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jobs.common.delta.data_files import data_file_name, read_data_files, write_data_file
from jobs.common.delta.rows import CatalogRow, InstanceRow, TableRow
from jobs.common.delta.schemas import table_schema
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.run.file_edits import FileEdit, RowChanges
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import Location

NAMES = ("s0", "s1", "s2")


def instance(source_id: str) -> TableRow:
    values = dict.fromkeys(table_schema("instances").names)
    values |= {"source_id": source_id, "status": "deidentified", "reason_code": "", "reason": ""}
    return InstanceRow(**values | {"output_uri": f"/out/{source_id}"})


def catalog(source_id: str) -> TableRow:
    return CatalogRow("r1", 0, source_id, "p", "1", "2", "3", "4", f"/out/{source_id}")


@pytest.fixture
def place(tmp_path: Path) -> Location:
    return Location("", str(tmp_path))


def edited(place: Location, rows: list[TableRow], edit: FileEdit) -> list[tuple[object, ...]]:
    """Return source ID, reason code and reason of the rows of an edited file."""
    buffer = RowBuffer([type(rows[0])])
    for row in rows:
        buffer.add(row)
    table = rows[0].table
    name = data_file_name("r1", 0, 0)
    edit.files.append(write_data_file(place, table, buffer.take_tables()[table], name))
    file = edit.apply(place, data_file_name("r1", 0, 1))
    if file is None:
        return []
    (found,) = read_data_files(place, [file])
    columns = [c for c in ("source_id", "reason_code", "reason") if c in found.column_names]
    return sorted(zip(*(found[column].to_pylist() for column in columns)))


def test_a_refused_source_keeps_its_row_without_an_output(place: Location) -> None:
    changes = RowChanges({"s1": ("duplicate_instance", "keep one")}, frozenset({"s2"}))
    rows = edited(place, [instance(n) for n in NAMES], FileEdit("instances", [], changes))
    assert rows == [
        ("s0", "", ""), ("s1", "duplicate_instance", "keep one"), ("s2", "", SAME_CONTENT),
    ]  # fmt: skip


def test_the_catalog_has_one_row_per_output(place: Location) -> None:
    changes = RowChanges({"s1": ("duplicate_instance", "keep one")}, frozenset({"s2"}))
    rows = edited(place, [catalog(n) for n in NAMES], FileEdit("catalog", [], changes))
    assert rows == [("s0",)]


def test_rows_are_kept_by_their_bits(place: Location) -> None:
    bits = np.packbits([True, False, True]).tobytes()
    edit = FileEdit("catalog", [], kept_rows=[bits])
    assert edited(place, [catalog(n) for n in NAMES], edit) == [("s0",), ("s2",)]


def test_no_file_is_written_without_a_row(place: Location, tmp_path: Path) -> None:
    edit = FileEdit("catalog", [], kept_rows=[np.packbits([False] * 3).tobytes()])
    assert edited(place, [catalog(n) for n in NAMES], edit) == []
    assert len(list(tmp_path.glob("*.parquet"))) == 1


@pytest.mark.parametrize(
    ("table", "refuses", "expected"),
    [
        ("instances", False, True),
        ("catalog", False, True),
        ("audit", False, False),
        ("audit", True, True),
        ("sources", True, False),
    ],
)
def test_only_files_whose_rows_change_are_edited(table: str, refuses: bool, expected: bool) -> None:
    refused = {"s1": ("duplicate_instance", "keep one")} if refuses else {}
    assert RowChanges(refused, frozenset({"s2"})).concern(table) is expected
