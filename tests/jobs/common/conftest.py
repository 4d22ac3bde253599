"""A data store of the stand-in for HealthImaging, without an S3 server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jobs.aws.conftest import forget_all_clients
from tests.jobs.aws.healthimaging_server import HealthImaging, healthimaging
from tests.jobs.aws.healthimaging_store import DataStore
from tests.jobs.s3_servers import environment

#: No test of these modules imports files, so that the stand-in needs no S3.
_NO_S3 = environment("http://127.0.0.1:9", "test", "test")


@pytest.fixture(scope="session")
def healthimaging_server() -> Iterator[HealthImaging]:
    """Run the stand-in."""
    with healthimaging(_NO_S3) as state:
        yield state


@pytest.fixture
def datastore(
    healthimaging_server: HealthImaging, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DataStore]:
    """Create a data store, and let the clients of this process use the stand-in."""
    for name, value in (_NO_S3 | healthimaging_server.environment).items():
        monkeypatch.setenv(name, value)
    forget_all_clients()
    healthimaging_server.calls.clear()
    healthimaging_server.throttle_next.clear()
    yield healthimaging_server.add_store()
    forget_all_clients()
