"""Undisturbed runs that disturbed ones are compared with, and the choice of short or long form."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.injection import Setting
from tests.faults.outcomes import Outcome, read_outcome, s3_client
from tests.faults.runs import ROOT, Place, complete
from tests.jobs.conftest import KEY, s3_server, strict_s3_server

__all__ = ["s3_server", "strict_s3_server"]

#: `make faults` sets it. Tests with the mark ``long`` run only then.
LONG_VARIABLE = "FAULTS_LONG"

STUDY = ROOT / "tests" / "data" / "study"
NOTES = ROOT / "tests" / "data" / "notes"


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
    return Place(folder, str(STUDY), key, f"{folder}/place")


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


@pytest.fixture
def notes_place(tmp_path: Path, fault_key: str) -> Place:
    """Return a new local place of runs over notes."""
    return _notes_place(tmp_path, fault_key)


def _notes_place(folder: Path, key: str) -> Place:
    place = local_place(folder, key).changed(job="notes", options=("--text", "off"))
    few_files = Setting("jobs.common.sources.packing:TASK_MAX_FILES", 1)
    return place.changed(input=str(NOTES), settings=(*place.settings, few_files))


@pytest.fixture(scope="session")
def undisturbed_notes(tmp_path_factory: pytest.TempPathFactory, fault_key: str) -> Outcome:
    """Return what a run over notes without faults leaves."""
    place = _notes_place(tmp_path_factory.mktemp("undisturbed-notes"), fault_key)
    complete(place)
    return read_outcome(place)


@pytest.fixture(scope="session")
def study_bucket(s3_server: dict[str, str]) -> str:
    """Return a bucket that holds the small study below ``in/``."""
    bucket = f"faults-{uuid4().hex}"
    client = s3_client(s3_server)
    client.create_bucket(Bucket=bucket)
    for path in sorted(STUDY.rglob("*")):
        if path.is_file():
            key = f"in/{path.relative_to(STUDY)}"
            client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    return bucket


def s3_place(folder: Path, key: str, bucket: str, server: dict[str, str]) -> Place:
    """Return a new place in a bucket, over the study in it."""
    uri = f"s3://{bucket}/{uuid4().hex}"
    return Place(folder, f"s3://{bucket}/in", key, uri, environment=server)


@pytest.fixture
def place_on_s3(
    tmp_path: Path, fault_key: str, study_bucket: str, s3_server: dict[str, str]
) -> Place:
    """Return a new place on S3."""
    return s3_place(tmp_path, fault_key, study_bucket, s3_server)


@pytest.fixture(scope="session")
def undisturbed_on_s3(
    tmp_path_factory: pytest.TempPathFactory,
    fault_key: str,
    study_bucket: str,
    s3_server: dict[str, str],
) -> Outcome:
    """Return what a run without faults leaves on S3."""
    folder = tmp_path_factory.mktemp("undisturbed-s3")
    place = s3_place(folder, fault_key, study_bucket, s3_server)
    complete(place)
    return read_outcome(place)
