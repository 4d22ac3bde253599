"""Rows of ``instances`` are paired with the objects of an output."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri
from jobs.common.verification.object_matching import match_objects


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    tables = Tables(spark, parse_uri(str(tmp_path / "tables")))
    rows = [
        {
            "run_id": "r", "source_id": name, "status": "deidentified", "sop_uid": name,
            "output_uri": f"/out/1/2/{name}.dcm", "output_sha256": "x",
            "processed_at": datetime(2026, 1, 2, tzinfo=timezone.utc),
        }
        for name in ("a", "b")
    ]  # fmt: skip
    tables.append_records("instances", rows)
    return tables


def match(tables: Tables, files: list[str], root: str) -> set[tuple[str, str]]:
    """Return the URI of each object and that of its row."""
    schema = "uri STRING, size LONG, version STRING"
    listed = tables.spark.createDataFrame([(uri, 1, "v") for uri in files], schema)
    pairs = match_objects(tables, listed, root, None).select("uri", "output_uri").collect()
    return {(row.uri, row.output_uri) for row in pairs}


@pytest.mark.parametrize("root", ["/out", "/moved"])
def test_an_object_without_a_file_is_missing(tables: Tables, root: str) -> None:
    found = match(tables, [f"{root}/1/2/a.dcm"], root)
    assert found == {(f"{root}/1/2/a.dcm", "/out/1/2/a.dcm"), (None, "/out/1/2/b.dcm")}


def test_rows_of_other_folders_alone_are_not_missing_here(tables: Tables) -> None:
    assert match(tables, ["/notes/letter.txt"], "/notes") == {("/notes/letter.txt", None)}
