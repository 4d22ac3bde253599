"""Compute the settings of Spark for a number of nodes.

A node is 16 vCPU: four executors of four cores on EMR, one machine on SageMaker. The limits of the
driver were measured on one machine (docs/scale.md): 0.065 ms of its CPU time an object, 180 bytes a
listed source and 30 KB a task of a batch. The settings themselves were not run on AWS.
"""

from __future__ import annotations

NODE_CORES = 16
EXECUTOR_CORES = 4
EXECUTORS_PER_NODE = NODE_CORES // EXECUTOR_CORES

#: Nodes up to which a driver of a size suffices, with its memory in GB: Java heap and Python.
#: Python holds the listing (360 MB for two million sources) and the tasks of a batch (2 per core
#: at least); Java holds the state of all tasks and executors.
_DRIVER_MEMORY_GB = ((1, 4, 4), (10, 8, 5), (100, 14, 12))

#: Memory in GB of an executor on a node of 64 GB: Java heap for the text model, and Python. Four
#: fit the 54,272 MB that YARN has on m6in.4xlarge (Amazon EMR Release Guide, "Task configuration").
#: One object that takes all of --object-memory (4 GB) leaves 1 GB to each of the other tasks.
NODE_EXECUTOR_HEAP_GB, NODE_EXECUTOR_OVERHEAD_GB = 6, 7

#: Above this number of nodes, heartbeats of several hundred executors compete with commits.
_LARGE_CLUSTER_NODES = 32

MAX_NODES = 100


def size_settings(nodes: int) -> dict[str, str]:
    """Return the settings for a service that starts executors as they are needed.

    Parameters
    ----------
    nodes : int
        Number of nodes, 1 to 100.

    Returns
    -------
    dict of str
        Limit of executors, from which the job computes the size of its batches; partitions of
        shuffles, two per core, which adaptive execution merges if they are small; memory of the
        driver.

    Raises
    ------
    ValueError
        If the number is out of range.
    """
    executors = nodes * EXECUTORS_PER_NODE
    return _driver_settings(nodes) | {
        "spark.dynamicAllocation.initialExecutors": str(min(executors, 3)),
        "spark.dynamicAllocation.maxExecutors": str(executors),
    }


def size_node_settings(nodes: int, dynamic: bool) -> dict[str, str]:
    """Return the settings for nodes of 64 GB, one of which the driver shares with executors.

    Parameters
    ----------
    nodes : int
        Number of nodes, 1 to 100.
    dynamic : bool
        Whether executors start as they are needed; otherwise all start with the run.

    Returns
    -------
    dict of str
        See :func:`size_settings`; also the cores and the memory of an executor.

    Raises
    ------
    ValueError
        If the number is out of range.
    """
    settings = _driver_settings(nodes)
    heap, overhead = _driver_memory(nodes)
    places = -(-(heap + overhead) // (NODE_EXECUTOR_HEAP_GB + NODE_EXECUTOR_OVERHEAD_GB))
    executors = nodes * EXECUTORS_PER_NODE - places
    settings |= {
        "spark.executor.cores": str(EXECUTOR_CORES),
        "spark.executor.memory": f"{NODE_EXECUTOR_HEAP_GB}g",
        "spark.executor.memoryOverhead": f"{NODE_EXECUTOR_OVERHEAD_GB}g",
    }
    if dynamic:
        return settings | {"spark.dynamicAllocation.maxExecutors": str(executors)}
    return settings | {
        "spark.dynamicAllocation.enabled": "false",
        "spark.executor.instances": str(executors),
        "spark.default.parallelism": str(executors * EXECUTOR_CORES),
    }


def _driver_settings(nodes: int) -> dict[str, str]:
    """Return the settings of the driver and those that apply to the whole cluster."""
    heap, overhead = _driver_memory(nodes)
    settings = {
        "spark.sql.shuffle.partitions": str(2 * nodes * NODE_CORES),
        "spark.driver.cores": str(EXECUTOR_CORES),
        "spark.driver.memory": f"{heap}g",
        "spark.driver.memoryOverhead": f"{overhead}g",
    }
    if nodes > _LARGE_CLUSTER_NODES:
        settings |= {"spark.network.timeout": "300s", "spark.executor.heartbeatInterval": "30s"}
    return settings


def _driver_memory(nodes: int) -> tuple[int, int]:
    """Return the Java heap and the other memory of the driver in GB."""
    if not 1 <= nodes <= MAX_NODES:
        raise ValueError(f"the number of nodes must be 1 to {MAX_NODES}")
    return next(sizes[1:] for sizes in _DRIVER_MEMORY_GB if nodes <= sizes[0])
