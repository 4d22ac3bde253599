from __future__ import annotations

from jobs.common.delta.schemas import LAST_TABLES, NOTES_TABLES, TABLES
from safelight.headers.catalog import CATALOG_COLUMNS


def columns(table: str) -> list[str]:
    return [column.split(" ", 1)[0] for column in TABLES[table].split(", ")]


def test_the_catalog_has_all_that_the_engine_reads_for_it() -> None:
    assert set(CATALOG_COLUMNS.values()) <= set(columns("catalog"))


def test_what_makes_rows_count_is_written_last() -> None:
    assert (list(TABLES)[-1], list(NOTES_TABLES)[-1]) == LAST_TABLES


def test_rows_of_a_batch_can_be_told() -> None:
    for table in TABLES:
        assert "batch" in columns(table)
        assert {"run_id", "first_run_id"} & set(columns(table))
