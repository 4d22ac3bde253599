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
_DRIVER_MEMORY_GB = ((1, 4, 4), (10, 8, 8), (100, 14, 14))

#: Above this number of nodes, heartbeats of several hundred executors compete with commits.
_LARGE_CLUSTER_NODES = 32

MAX_NODES = 100


def size_settings(nodes: int) -> dict[str, str]:
    """Return the settings that depend on the number of nodes.

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
    if not 1 <= nodes <= MAX_NODES:
        raise ValueError(f"the number of nodes must be 1 to {MAX_NODES}")
    heap, overhead = next(sizes[1:] for sizes in _DRIVER_MEMORY_GB if nodes <= sizes[0])
    executors = nodes * EXECUTORS_PER_NODE
    settings = {
        "spark.dynamicAllocation.initialExecutors": str(min(executors, 3)),
        "spark.dynamicAllocation.maxExecutors": str(executors),
        "spark.sql.shuffle.partitions": str(2 * nodes * NODE_CORES),
        "spark.driver.cores": str(EXECUTOR_CORES),
        "spark.driver.memory": f"{heap}g",
        "spark.driver.memoryOverhead": f"{overhead}g",
    }
    if nodes > _LARGE_CLUSTER_NODES:
        settings |= {"spark.network.timeout": "300s", "spark.executor.heartbeatInterval": "30s"}
    return settings
