"""Tables are read without Spark: rows by condition, and names in conditions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location
from tests.jobs.common.delta.example_rows import SCHEMA, make_rows


def test_rows_are_read_without_spark(spark: Any, table: Callable[[], DeltaFolder]) -> None:
    path = table()._location.uri
    assert list(table().rows(["name"])) == []
    table().append(make_rows(0, "a", "b"))
    more = spark.createDataFrame(make_rows(1, "c", "d").to_pylist(), spark_schema(SCHEMA))
    more.write.format("delta").mode("append").save(path)
    DeltaTable(path).delete("name = 'd'")
    assert sorted(row["name"] for row in table().rows(["name"])) == ["a", "b", "c"]
    condition = (ds.field("batch") == 0) & ~ds.field("name").isin(["b"])
    assert list(table().rows(["name", "batch"], condition)) == [{"name": "a", "batch": 0}]


def test_null_is_not_in_a_list_of_values(table: Callable[[], DeltaFolder]) -> None:
    table().append(make_rows(0, "a").set_column(2, "name", pa.array([None], pa.string())))
    assert list(table().rows(["batch"], ~ds.field("name").isin(["b"]))) == [{"batch": 0}]


@pytest.mark.parametrize(
    ("condition", "unknown"),
    [
        ("modalty = 'MR'", "modalty"),
        ("modality = 'MR' AND study_date >= '20200101'", None),
        ('modality = "MR"', None),  # a string in Spark, a name in other dialects
        ("modality RLIKE 'M.*'", None),  # Spark only
        ("modality =", None),
    ],
)
def test_a_name_that_is_no_column_is_found_in_a_condition(
    tmp_path: Path, condition: str, unknown: Optional[str]
) -> None:
    folder = DeltaFolder(Location("", str(tmp_path)))
    folder.append(pa.table({"modality": ["MR"], "study_date": ["20200101"]}))
    assert folder.find_unknown_column(condition) == unknown
