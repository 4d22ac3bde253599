"""Gather the facts that FHIR resources hold about patients of other resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from jobs.common.delta.arrow_rows import encode_rows
from jobs.common.notes.piece_item import PieceItem
from jobs.common.notes.pieces import read_piece
from jobs.common.notes.plugin import NotesPlugin
from jobs.common.run.work_items import BatchContext, FactsRow
from jobs.common.run.worker import ArrowTask, unpack_items
from jobs.common.spark.deidentifier_factory import get_deidentifier
from jobs.common.spark.object_limits import is_repeated_task, run_limited
from jobs.common.storage.prefetch import Fetched, fetch_ahead
from safelight.notes.models import PatientFacts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def facts_task(plugin: NotesPlugin, context: BatchContext) -> ArrowTask:
    """Return the function that takes packed tasks and yields :class:`FactsRow`.

    The facts are known values of patients that other pieces may refer to. A piece that is
    refused has none; the reason is recorded in REBUILD.

    Parameters
    ----------
    plugin : NotesPlugin
    context : BatchContext
    """

    def gather(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        items = unpack_items(PieceItem, batches)
        for fetched in fetch_ahead(items, plugin.rebuild_range):
            rows = [
                FactsRow(key, fact.identity, list(fact.known))
                for key, fact in _find_facts(plugin, context, fetched).items()
                if not key.endswith("\x1f")  # the only patient of this very piece
            ]
            if rows:
                yield encode_rows(FactsRow, rows)

    return gather


def _find_facts(
    plugin: NotesPlugin, context: BatchContext, fetched: Fetched[PieceItem]
) -> dict[str, PatientFacts]:
    engine = get_deidentifier(context.deidentifier, plugin.build)
    try:
        data = fetched.read()
        return run_limited(
            lambda: engine.find_patient_facts(read_piece(fetched.item, data)),
            context.limits,
            is_repeated_task(),
        )
    except Exception:  # the piece is read again, and the error is recorded, in REBUILD
        return {}


def merge_facts(frames: Sequence[DataFrame]) -> DataFrame:
    """Return the facts of several frames by patient, persisted in the cluster.

    Parameters
    ----------
    frames : sequence of DataFrame
        Rows of :class:`FactsRow`.
    """
    from pyspark import StorageLevel
    from pyspark.sql import functions as F

    together = frames[0]
    for frame in frames[1:]:
        together = together.unionByName(frame)
    known = F.flatten(F.collect_list("known"))
    grouped = together.groupBy("key").agg(
        F.max("identity").alias("identity"),
        F.array_sort(F.array_distinct(known)).alias("known"),
    )
    return grouped.persist(StorageLevel.MEMORY_AND_DISK)
