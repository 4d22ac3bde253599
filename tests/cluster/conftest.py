"""One standalone cluster for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.standalone import StandaloneCluster, standalone_cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandaloneCluster]:
    """Run a master and two workers of one core each."""
    with standalone_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running
