"""De-identify DICOM objects: the job of ``safelight deidentify``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from jobs.common.delta.schemas import IMAGE_TABLES
from jobs.common.delta.table_set import Tables
from jobs.common.images.batches import ImageBatchRunner
from jobs.common.images.tasks import build_deidentifier
from jobs.common.run.batch_runner import source_id
from jobs.common.run.job import Job, PendingWork
from jobs.common.run.run_config import RunConfig
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.packing import choose_limits, pack_batches
from jobs.common.storage.backend import Source

if TYPE_CHECKING:
    from safelight import Deidentifier


class ImageJob(Job):
    """One run over DICOM objects.

    Parameters
    ----------
    config : RunConfig
    build : callable
        Builds the de-identifier in a worker.
    """

    command = "deidentify"
    last_table = "instances"
    tables = (*IMAGE_TABLES, "annotations", "runs")

    def __init__(
        self,
        config: RunConfig,
        build: Callable[[DeidentifierConfig], Deidentifier] = build_deidentifier,
    ):
        super().__init__(config)
        self._build = build

    def _find_pending(self, tables: Tables) -> PendingWork:
        config = self._config
        if not config.sources or not tables.exists("instances"):
            return PendingWork(config.sources, 0)
        names = config.deidentifier.pseudonyms()
        pending = {source_id(names, source): source for source in config.sources}
        rules = ds.field("rules_hash") == config.deidentifier.rules_hash
        stages = ds.field("stages") == config.deidentifier.stages
        done = rules & stages & self._has_final_outcome(tables)
        for row in tables.rows("instances", ["source_id"], done):
            pending.pop(row["source_id"], None)
        return PendingWork(list(pending.values()), len(config.sources) - len(pending))

    def _process(self, tables: Tables, sources: list[Source], first_batch: int) -> None:
        runner = ImageBatchRunner(tables, self._config, self._build)
        self._totals = runner.totals
        cores = tables.spark.sparkContext.defaultParallelism
        limits = choose_limits(sources, cores, self._config.deidentifier.pixels)
        self._observe_work(tables, sources)
        for number, tasks in enumerate(pack_batches(sources, limits), first_batch):
            with self._observe_batch(number, tasks):
                runner.run(tasks, number)
