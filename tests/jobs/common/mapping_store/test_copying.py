from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.common.aws.clients import get_client
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store import copying
from jobs.common.mapping_store.copying import (
    CopyCounts,
    copy_dynamodb_to_delta,
    copy_dynamodb_to_dynamodb,
)
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.mapping_store.table_design import make_create_request
from jobs.common.storage.location import parse_uri

ROW = MappingRow("r1", 0, "study-a", "uid", b"\x02sealed", "ff" * 32, "2.25.7", "P1", "k1")
PAIRS = [replace(ROW, original_hmac=f"{n:064x}", pseudonym=f"2.25.{n}") for n in range(7)]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(lambda: pytest.fail("Spark was started"), parse_uri(str(tmp_path)))


def pairs_of(tables: Tables) -> list[MappingRow]:
    columns = [field for field in MappingRow.__slots__ if field != "table"]
    rows: list[dict[str, Any]] = list(tables.rows("mapping", columns))
    return sorted((MappingRow(**row) for row in rows), key=lambda row: row.original_hmac)


def test_pairs_are_copied_to_a_delta_table_once(
    mapping_table: MappingTable, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_CHUNK_PAIRS", 3)
    tables.append_rows(PAIRS[:2])
    mapping_table.add(PAIRS)
    assert copy_dynamodb_to_delta(mapping_table, tables) == CopyCounts(5, 2)
    assert copy_dynamodb_to_delta(mapping_table, tables) == CopyCounts(0, 7)
    assert pairs_of(tables) == PAIRS


def test_pairs_are_copied_to_another_dynamodb_table_once(mapping_table: MappingTable) -> None:
    mapping_table.add(PAIRS)
    other = MappingTable(f"{mapping_table.name}-2")
    get_client("dynamodb").create_table(**make_create_request(other.name))
    assert copy_dynamodb_to_dynamodb(mapping_table, other) == CopyCounts(7)
    assert copy_dynamodb_to_dynamodb(mapping_table, other) == CopyCounts(0, 7)


def test_originals_of_earlier_versions_are_counted(
    mapping_table: MappingTable, tables: Tables
) -> None:
    mapping_table.add([*PAIRS[1:], replace(PAIRS[0], original_encrypted=b"\x01sealed")])
    assert copy_dynamodb_to_delta(mapping_table, tables) == CopyCounts(7, 0, 1)
