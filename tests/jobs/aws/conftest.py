"""A data store of the stand-in for AWS HealthImaging, next to a bucket of the S3 server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.common.aws import signed_http
from jobs.common.aws.clients import get_client
from jobs.common.storage.healthimaging_objects import forget_clients
from tests.jobs.aws.healthimaging_server import HealthImaging, healthimaging
from tests.jobs.aws.healthimaging_store import DataStore


@pytest.fixture(scope="session")
def healthimaging_server(s3_server: dict[str, str]) -> Iterator[HealthImaging]:
    """Run the stand-in."""
    with healthimaging(s3_server) as state:
        yield state


@pytest.fixture
def datastore(
    healthimaging_server: HealthImaging, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DataStore]:
    """Create a data store, and let the clients of this process use the stand-in."""
    for name, value in healthimaging_server.environment.items():
        monkeypatch.setenv(name, value)
    forget_all_clients()
    healthimaging_server.calls.clear()
    healthimaging_server.throttle_next.clear()
    yield healthimaging_server.add_store()
    forget_all_clients()


def forget_all_clients() -> None:
    """Let the next request use the endpoints and credentials of the environment."""
    get_client.cache_clear()
    signed_http._credential_source.cache_clear()
    forget_clients()
