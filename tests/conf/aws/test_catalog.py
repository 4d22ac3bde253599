"""Check catalog.yaml: tables and columns exist, and queries can run."""

from __future__ import annotations

import re

import pytest

from jobs.aws.deploy.templates import read_template
from jobs.common.delta.schemas import RESTRICTED_TABLES, table_schema
from tests.conf.aws.stacks import Stack, bucket


def _tables() -> dict[str, str]:
    """Return the locations of the tables in Glue by name."""
    return {
        properties["TableInput"]["Name"]: properties["TableInput"]["StorageDescriptor"]["Location"]
        for properties in Stack(read_template("catalog.yaml")).by_type("AWS::Glue::Table").values()
    }


def test_tables_are_in_the_folder_of_tables_and_none_is_restricted() -> None:
    for name, location in _tables().items():
        assert location == f"s3://{bucket('tables')}/tables/{name}/"
        assert table_schema(name).names
    assert not set(_tables()) & set(RESTRICTED_TABLES)


def test_athena_reads_the_columns_in_the_log_of_the_table() -> None:
    for properties in Stack(read_template("catalog.yaml")).by_type("AWS::Glue::Table").values():
        table = properties["TableInput"]
        assert table["Parameters"]["spark.sql.sources.provider"] == "delta"
        descriptor = table["StorageDescriptor"]
        assert descriptor["Columns"] == [{"Name": "col", "Type": "array<string>"}]
        assert descriptor["SerdeInfo"]["Parameters"]["path"] == descriptor["Location"]


@pytest.mark.parametrize("identifier", ["SeriesQuery", "ImagesQuery"])
def test_columns_of_a_query_exist(identifier: str) -> None:
    stack = Stack(read_template("catalog.yaml"))
    query = stack.resources[identifier]["Properties"]["QueryString"]
    tables = dict(re.findall(r"(?:FROM|JOIN) (\w+) (\w)\b", query))
    assert set(tables) <= set(_tables())
    for table, alias in tables.items():
        columns = set(re.findall(rf"\b{alias}\.(\w+)", query))
        assert columns
        assert columns <= set(table_schema(table).names)


def test_queries_count_finished_batches() -> None:
    assert {"run_id", "batch"} <= set(table_schema("instances").names)
