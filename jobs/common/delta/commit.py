"""Commit the rows of all tables that the cluster holds in one combined output."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING

from jobs.common.delta.schemas import TABLE_KEYS
from jobs.common.delta.table_set import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row


def select_table(combined: DataFrame, table: str) -> DataFrame:
    """Return the rows of one table of a combined output.

    See :func:`jobs.common.delta.schemas.combined_schema`.

    Parameters
    ----------
    combined : DataFrame
        Combined output: one struct column per table, exactly one of them set per row.
    table : str
        Name of the table.

    Returns
    -------
    DataFrame
        Rows with the columns of the table, in at most two partitions.
    """
    return combined.where(f"{table} IS NOT NULL").select(f"{table}.*").coalesce(2)


def select_unknown(tables: Tables, table: str, rows: DataFrame) -> DataFrame:
    """Return the rows that a restricted table lacks, each once.

    Parameters
    ----------
    tables : Tables
        Tables of the run.
    table : str
        Name of the restricted table; a key of :data:`jobs.common.delta.schemas.TABLE_KEYS`.
    rows : DataFrame
        Rows of the batch, with the columns of the table.

    Returns
    -------
    DataFrame
        One row per key that the table does not have, with the columns of ``rows``.
    """
    key = list(TABLE_KEYS[table])
    rows = rows.dropDuplicates(key)
    if not tables.exists(table):
        return rows
    known = tables.read(table).select(*key)
    return rows.join(known, key, "left_anti").select(*rows.columns)


def append_all(
    tables: Tables, frames: Mapping[str, DataFrame], last_table: str, in_driver: bool
) -> None:
    """Append to several tables in parallel, then to the last one: its rows make the others count.

    Parameters
    ----------
    tables : Tables
    frames : mapping
        Rows by table.
    last_table : str
    in_driver : bool
        Collect the rows in the driver, which commits few rows faster than Spark.
    """

    def append(table: str) -> None:
        if in_driver:
            records = [_record(row) for row in frames[table].collect()]
            if records:
                tables.append_records(table, records)
        else:
            tables.append_frame(table, frames[table])

    with ThreadPoolExecutor(len(frames)) as pool:
        commits = [pool.submit(append, table) for table in frames if table != last_table]
        for commit in commits:
            commit.result()
    append(last_table)


def _record(row: Row) -> dict[str, object]:
    """Return a row as a mapping. Spark returns naive times in the time zone of the driver."""
    return {
        name: value.astimezone() if isinstance(value, datetime) else value
        for name, value in row.asDict(recursive=True).items()
    }
