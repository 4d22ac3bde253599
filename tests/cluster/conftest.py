"""One standalone cluster and one distribution for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.distribution import shared_distribution
from tests.cluster.standalone import StandaloneCluster, standalone_cluster
from tests.faults.conftest import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandaloneCluster]:
    """Run a master and two workers of one core each."""
    with standalone_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="session")
def distribution() -> Path:
    """Return the folder that `make dist` makes, with the jars that a run without text needs."""
    return shared_distribution()
