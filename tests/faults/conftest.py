"""Undisturbed runs that disturbed ones are compared with, and the choice of short or long form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults.outcomes import Outcome, read_outcome
from tests.faults.runs import ROOT, Place, complete
from tests.jobs.conftest import KEY, s3_server, strict_s3_server

__all__ = ["s3_server", "strict_s3_server"]

#: `make faults` sets it. Tests with the mark ``long`` run only then.
LONG_VARIABLE = "FAULTS_LONG"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of the long form, unless they are asked for."""
    if os.environ.get(LONG_VARIABLE):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session")
def fault_key(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the reference to the key of all runs."""
    path = tmp_path_factory.mktemp("key") / "key.hex"
    path.write_text(KEY.hex())
    return f"file:{path}"


def local_place(folder: Path, key: str) -> Place:
    """Return a place in a local folder, over the small study."""
    return Place(folder, str(ROOT / "tests" / "data" / "study"), key, f"{folder}/place")


@pytest.fixture
def place(tmp_path: Path, fault_key: str) -> Place:
    """Return a new local place."""
    return local_place(tmp_path, fault_key)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, fault_key: str) -> Outcome:
    """Return what a run without faults leaves."""
    place = local_place(tmp_path_factory.mktemp("undisturbed"), fault_key)
    complete(place)
    return read_outcome(place)
