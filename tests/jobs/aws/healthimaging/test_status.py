from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jobs.cli import main
from tests.jobs.aws.healthimaging.conftest import ImportPlace


def test_the_status_has_all_counts(
    place: ImportPlace, last_line: Callable[[], dict[str, Any]]
) -> None:
    items = place.put(4)
    place.datastore.failures[items[0].sop_uid] = "ValidationException"
    place.datastore.warnings[items[1].sop_uid] = "Other"
    assert place.run_import() == 0
    place.datastore.failures.clear()
    assert place.run_import("--retry-failed") == 0
    place.put(1, 9, patient="P-9", series=9)
    assert place.run_import() == 0
    assert main(place.command("delete", "--patient", "P-9", "--reason", "withdrawn")) == 0
    last_line()
    assert main(place.command("status")) == 0
    assert last_line() == {
        "released": 3,  # without the deleted one
        "held": 1,
        "statuses": {"imported": 5},
        "gates": {"warning:OTHER": 1},
        "warnings": {"OTHER": 1},
        "exceptions": {},
        "jobs": {"COMPLETED": 3},
        "deletions": {"deleted": 1},
    }


def test_held_instances_are_listed(place: ImportPlace, capsys: pytest.CaptureFixture[str]) -> None:
    items = place.put(2)
    place.datastore.warnings[items[0].sop_uid] = "Other"
    assert place.run_import() == 0
    capsys.readouterr()
    assert main(place.command("status", "--held")) == 0
    (image_set,) = place.datastore.image_sets
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"held {image_set} {items[0].sop_uid} warning:OTHER"


def test_tables_without_imports_are_refused(
    place: ImportPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    place.put(1)
    assert main(place.command("status")) == 2
    assert "has no table `imports`" in capsys.readouterr().err
