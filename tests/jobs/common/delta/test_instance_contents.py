from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.common.delta import instance_contents
from jobs.common.delta.instance_contents import InstanceContents
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location
from tests.jobs.common.delta.example_contents import DONE, append, found


@pytest.fixture(params=["driver", "spark"])
def tables(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any) -> Tables:
    root = Location("", str(tmp_path))
    if request.param == "driver":
        return Tables(None, root)
    monkeypatch.setattr(instance_contents, "KNOWN_KEYS_MAX_ROWS", 0)
    return Tables(request.getfixturevalue("spark"), root)


def test_contents_that_meet_the_condition_are_found_once(tables: Tables) -> None:
    contents = InstanceContents(tables, DONE)
    assert len(contents.find(["1"])) == 0
    append(
        tables, ("1", "a", "deidentified"), ("1", "a", "deidentified"), ("1", "b", "deidentified"),
        ("2", "c", "quarantined"), ("3", "d", "deidentified"),
    )  # fmt: skip
    rows = contents.find(["1", "2", "4"])
    assert found(rows) == {("1", "a"), ("1", "b")} and len(rows) == 2
    assert len(InstanceContents(tables, DONE | {"rules_hash": "other"}).find(["1"])) == 0
    assert len(contents.find([])) == 0


def test_rows_that_were_committed_meanwhile_are_found(tables: Tables) -> None:
    contents = InstanceContents(tables, DONE)
    append(tables, ("1", "a", "deidentified"))
    assert len(contents.find(["2"])) == 0
    append(tables, ("2", "b", "deidentified"))
    assert found(contents.find(["2"])) == {("2", "b")}


def test_contents_of_files_that_are_not_added_are_still_found(tables: Tables) -> None:
    contents = InstanceContents(tables, DONE)
    contents.find(["1"])
    append(tables, ("1", "a", "deidentified"))
    contents.add(pa.chunked_array([["1"]]), [])
    append(tables, ("2", "b", "deidentified"))
    assert found(contents.find(["1", "2"])) == {("1", "a"), ("2", "b")}
