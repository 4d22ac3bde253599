"""Rows of all tables that come in one stream: their schema, and how they are committed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jobs.common.delta.schemas import TABLE_KEYS
from jobs.common.delta.table_set import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row


def stream_schema(columns: Mapping[str, str]) -> str:
    """DDL of the stream: a struct for each table, of which one is not null in each row.

    Parameters
    ----------
    columns : mapping
        DDL of the columns by table.
    """
    return ", ".join(f"{table} STRUCT<{_struct(ddl)}>" for table, ddl in columns.items())


def _struct(ddl: str) -> str:
    columns = (part.split(" ", 1) for part in ddl.split(", "))
    return ", ".join(f"{name}: {kind}" for name, kind in columns)


def rows_of(stream: DataFrame, table: str) -> DataFrame:
    """The rows of one table."""
    return stream.where(f"{table} IS NOT NULL").select(f"{table}.*").coalesce(2)


def unknown_rows(tables: Tables, table: str, frame: DataFrame) -> DataFrame:
    """Rows that a restricted table does not have yet, each once."""
    key = list(TABLE_KEYS[table])
    frame = frame.dropDuplicates(key)
    if not tables.exists(table):
        return frame
    there = tables.read(table).select(*key)
    return frame.join(there, key, "left_anti").select(*frame.columns)


def append_all(tables: Tables, frames: Mapping[str, DataFrame], last: str, small: bool) -> None:
    """Append to several tables at a time; to the last one alone: its rows make the others count.

    Parameters
    ----------
    tables : Tables
    frames : mapping
        Rows by table.
    last : str
    small : bool
        Whether the driver can hold the rows: it commits them faster than Spark does.
    """

    def append(table: str) -> None:
        if small:
            rows = [_plain(row) for row in frames[table].collect()]
            if rows:
                tables.append_rows(table, rows)
        else:
            tables.append(table, frames[table])

    with ThreadPoolExecutor(len(frames)) as pool:
        commits = [pool.submit(append, table) for table in frames if table != last]
        for commit in commits:
            commit.result()
    append(last)


def _plain(row: Row) -> dict[str, Any]:
    """A row as a dictionary; Spark gives times without a zone, in that of the driver."""
    return {
        name: value.astimezone() if isinstance(value, datetime) else value
        for name, value in row.asDict(recursive=True).items()
    }
