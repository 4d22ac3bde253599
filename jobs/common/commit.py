"""Rows of all tables that come in one stream: their schema, and how they are committed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from jobs.common.tables import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: What makes a row of a restricted table the same pair or the same source.
_KEYS = {
    "sources": ["source_id"],
    "mapping": ["namespace", "kind", "original_hmac", "key_id"],
}


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
    key = _KEYS[table]
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
