"""Compact tables in the cluster, so that the driver holds none of their rows."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from jobs.common.delta.compaction_tasks import CompactionTask, compact_here
from jobs.common.spark.local_frames import blob_frame, one_partition_per_row

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_RESULT_SCHEMA = "table STRING"


def compact_in_cluster(session: SparkSession, tasks: Sequence[CompactionTask]) -> list[str]:
    """Compact tables, one task for each, and return the names of those that are not compacted.

    Parameters
    ----------
    session : SparkSession
        The session.
    tasks : sequence of CompactionTask
        One or more tables.
    """
    blobs = [pickle.dumps(task) for task in tasks]
    with one_partition_per_row(session, len(blobs)):
        left = blob_frame(session, blobs).mapInArrow(_run_tasks, _RESULT_SCHEMA)
        return [row["table"] for row in left.collect()]


def _run_tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the names of the tables of a partition that are not compacted."""
    for batch in batches:
        tasks = [pickle.loads(blob) for blob in batch.column("items").to_pylist()]  # of the driver
        left = compact_here(tasks)
        if left:
            yield pa.RecordBatch.from_pydict({"table": pa.array(left, pa.string())})
