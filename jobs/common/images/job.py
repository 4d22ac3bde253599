"""De-identify DICOM objects: the job of ``safelight deidentify``."""

from __future__ import annotations

import pyarrow.dataset as ds

from jobs.common.cli.progress_bar import progress_bar
from jobs.common.delta.schemas import TABLES
from jobs.common.delta.table_set import Tables
from jobs.common.images.batches import ImageBatchRunner
from jobs.common.run.batch_runner import Totals, source_id
from jobs.common.run.job import Job
from jobs.common.spark.packing import choose_limits, pack_batches
from jobs.common.storage.backend import Source


class ImageJob(Job):
    """One run over DICOM objects."""

    command = "deidentify"
    last_table = "instances"
    tables = (*TABLES, "runs")

    def _find_pending(self, tables: Tables) -> list[Source]:
        config = self._config
        if not config.sources or not tables.exists("instances"):
            return config.sources
        names = config.deidentifier.pseudonyms()
        pending = {source_id(names, source): source for source in config.sources}
        rules = ds.field("rules_hash") == config.deidentifier.rules_hash
        stages = ds.field("stages") == config.deidentifier.stages
        done = rules & stages & self._has_same_output()
        for row in tables.rows("instances", ["source_id"], done):
            pending.pop(row["source_id"], None)
        return list(pending.values())

    def _count_skipped(self, pending: list[Source]) -> int:
        return len(self._config.sources) - len(pending)

    def _process(self, tables: Tables, pending: list[Source], first_batch: int) -> Totals:
        config, spark = self._config, tables.spark
        runner = ImageBatchRunner(
            tables,
            config.deidentifier,
            config.output.uri,
            config.run_id,
            config.rules_name,
            config.text_model,
        )
        self._totals = runner.totals
        cores = spark.sparkContext.defaultParallelism
        limits = choose_limits(pending, cores, config.deidentifier.pixels)
        with progress_bar(len(pending)) as advance:
            for number, tasks in enumerate(pack_batches(pending, limits), first_batch):
                runner.run(tasks, number)
                advance(sum(map(len, tasks)))
        return runner.totals
