from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.delta.rows import AuditRow
from jobs.common.delta.schemas import (
    IMAGE_TABLES,
    LAST_TABLES,
    NOTES_TABLES,
    ROW_TYPES,
    TABLE_KEYS,
    table_schema,
)
from jobs.common.spark.row_buffer import ACTION_COLUMNS, InstanceKey
from safelight.headers.catalog import CATALOG_COLUMNS

#: Names, order and types of the columns that external readers rely on.
COLUMNS = Path(__file__).with_name("table_columns.txt")


def test_columns_are_the_recorded_ones() -> None:
    found = []
    for table in ROW_TYPES:
        found.append(f"{table}:")
        found += [f"  {field.name}: {field.type}" for field in table_schema(table)]
    assert found == COLUMNS.read_text().splitlines()


@pytest.mark.parametrize("table", sorted(ROW_TYPES))
def test_spark_and_arrow_schemas_agree(table: str) -> None:
    from pyspark.sql.pandas.types import to_arrow_schema

    arrow: Any = table_schema(table)
    assert spark_schema(to_arrow_schema(spark_schema(arrow))) == spark_schema(arrow)
    assert spark_schema(arrow).names == arrow.names


def test_catalog_has_a_column_for_each_catalog_attribute() -> None:
    assert set(CATALOG_COLUMNS.values()) <= set(table_schema("catalog").names)


def test_audit_rows_are_an_instance_and_an_action() -> None:
    assert (*InstanceKey._fields, *ACTION_COLUMNS) == tuple(f.name for f in fields(AuditRow))


def test_tables_that_make_a_batch_count_are_last() -> None:
    assert (IMAGE_TABLES[-1], NOTES_TABLES[-1]) == LAST_TABLES


@pytest.mark.parametrize("table", sorted({*IMAGE_TABLES, *NOTES_TABLES}))
def test_rows_of_a_batch_name_their_run_and_batch(table: str) -> None:
    columns = set(table_schema(table).names)
    assert "batch" in columns and {"run_id", "first_run_id"} & columns


@pytest.mark.parametrize("table", sorted(TABLE_KEYS))
def test_keys_are_columns(table: str) -> None:
    assert set(TABLE_KEYS[table]) <= set(table_schema(table).names)
