"""The objects of a release to a recipient are paired with their rows in ``release_objects``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri
from tests.jobs.common.verification.test_object_matching import match


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    tables = Tables(spark, parse_uri(str(tmp_path / "tables")))
    tables.append_records(
        "releases",
        [
            {
                "release": "n1",
                "recipient": recipient,
                "parameters": {"output": f"/r/{recipient}/n1"},
            }
            for recipient in ("north", "south")
        ],
    )
    tables.append_records(
        "release_objects",
        [
            {
                "release": "n1", "recipient": recipient, "run_id": "r", "source_id": patient,
                "sop_uid": patient, "namespace": "default", "patient_pseudonym": patient,
                "released_path": f"X/Y/{patient}", "released_sha256": "x",
            }
            for recipient in ("north", "south") for patient in ("P1", "P2", "GONE")
        ],
    )  # fmt: skip
    tables.append_records("withdrawals", [{"namespace": "default", "patient_pseudonym": "GONE"}])
    return tables


@pytest.mark.parametrize("root", ["/r/north/n1", "/r/north"])
def test_objects_of_a_release_have_their_rows(tables: Tables, root: str) -> None:
    objects = [f"/r/north/n1/X/Y/{name}" for name in ("P1", "new")]
    files = [f"/r/north/n1/{name}" for name in ("manifest.csv", "DICOMDIR", "statement.json")]
    files += ["/r/north/current.json", "/r/north/catalog/_delta_log/0.json"]
    found = match(tables, [*objects, *(files if root == "/r/north" else files[:3])], root)
    assert found == {
        (objects[0], objects[0]), (objects[1], None), (None, "/r/north/n1/X/Y/P2"),
    }  # fmt: skip


def test_releases_to_several_recipients_are_refused(tables: Tables) -> None:
    with pytest.raises(UsageError, match="several recipients"):
        match(tables, [], "/r")
