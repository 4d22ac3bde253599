"""Rows of all tables that come in one stream: their schema, and how they are committed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from jobs.common.schemas import TABLE_KEYS
from jobs.common.tables import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


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


def append_together(tables: Tables, frames: Mapping[str, DataFrame]) -> None:
    """Append to several tables at a time."""
    with ThreadPoolExecutor(len(frames)) as pool:
        commits = [pool.submit(tables.append, table, frame) for table, frame in frames.items()]
        for commit in commits:
            commit.result()
