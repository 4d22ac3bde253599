"""Rows of a table of many types, for tests of Delta tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import pyarrow as pa

from jobs.common.delta.arrow_rows import Int32, arrow_schema


@dataclass
class ExampleRow:
    run_id: str
    batch: Int32
    name: str
    box: list[Int32]
    at: datetime


SCHEMA = arrow_schema(ExampleRow)
NOW = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


def make_rows(batch: int, *names: str) -> pa.Table:
    rows = [
        {"run_id": "r", "batch": batch, "name": name, "box": [1, None], "at": NOW} for name in names
    ]
    return pa.Table.from_pylist(rows, SCHEMA)
