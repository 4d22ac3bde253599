from __future__ import annotations

import pytest

from jobs.aws.submit.cluster_sizes import size_node_settings, size_settings

#: Memory in GB of a worker of 4 vCPU: EMR Serverless User Guide, "Supported worker configurations".
SMALLEST_WORKER_GB, LARGEST_WORKER_GB = 8, 30

#: Memory of YARN on m6in.4xlarge: Amazon EMR Release Guide, "Task configuration".
NODE_YARN_MB = 54272


@pytest.mark.parametrize(("nodes", "executors"), [(1, 4), (10, 40), (100, 400)])
def test_executors_use_all_cores_of_the_nodes(nodes: int, executors: int) -> None:
    settings = size_settings(nodes)
    assert settings["spark.dynamicAllocation.maxExecutors"] == str(executors)
    assert settings["spark.sql.shuffle.partitions"] == str(32 * nodes)


@pytest.mark.parametrize("nodes", [1, 2, 10, 11, 100])
def test_driver_fits_a_worker_of_four_cores(nodes: int) -> None:
    settings = size_settings(nodes)
    heap, overhead = settings["spark.driver.memory"], settings["spark.driver.memoryOverhead"]
    total = int(heap.rstrip("g")) + int(overhead.rstrip("g"))
    assert settings["spark.driver.cores"] == "4"
    assert SMALLEST_WORKER_GB <= total <= LARGEST_WORKER_GB


def test_only_large_clusters_wait_longer_for_heartbeats() -> None:
    assert "spark.network.timeout" not in size_settings(10)
    assert size_settings(100)["spark.network.timeout"] == "300s"


@pytest.mark.parametrize(("nodes", "executors"), [(1, 3), (10, 39), (100, 398)])
def test_driver_takes_the_place_of_executors_on_a_shared_node(nodes: int, executors: int) -> None:
    dynamic, fixed = size_node_settings(nodes, True), size_node_settings(nodes, False)
    assert dynamic["spark.dynamicAllocation.maxExecutors"] == str(executors)
    assert fixed["spark.executor.instances"] == str(executors)
    assert fixed["spark.default.parallelism"] == str(4 * executors)


def test_four_executors_fit_a_node_of_yarn() -> None:
    settings = size_node_settings(10, True)
    heap, overhead = settings["spark.executor.memory"], settings["spark.executor.memoryOverhead"]
    assert 4 * 1024 * (int(heap.rstrip("g")) + int(overhead.rstrip("g"))) <= NODE_YARN_MB


@pytest.mark.parametrize("nodes", [0, 101])
def test_other_numbers_of_nodes_are_refused(nodes: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        size_settings(nodes)
