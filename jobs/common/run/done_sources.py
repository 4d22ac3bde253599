"""Find the sources that earlier runs have finished."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import pyarrow.dataset as ds

from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.final_outcomes import (
    TRANSIENT_REASONS,
    find_runs_with_lower_limits,
    is_final,
)
from jobs.common.sources.done_sources import DONE_LOCAL_MAX_ROWS, DoneSources
from jobs.common.spark.object_limits import ObjectLimits

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Rows of a table up to which the driver holds the IDs of finished sources, to send them to the
#: cluster: 64 bytes each.
SENT_MAX_ROWS = 1_000_000


def has_final_outcome(
    tables: Tables, limits: ObjectLimits, settings: Mapping[str, str]
) -> ds.Expression:
    """Return the condition for rows with a final outcome under settings.

    Parameters
    ----------
    tables : Tables
    limits : ObjectLimits
        Limits of this run; see :func:`jobs.common.run.final_outcomes.is_final`.
    settings : mapping
        Values by column.
    """
    equal = [ds.field(column) == value for column, value in settings.items()]
    return reduce(and_, equal, is_final(tables, limits))


def find_done_sources(
    tables: Tables,
    table: str,
    is_local: bool,
    limits: ObjectLimits,
    settings: Mapping[str, str],
) -> DoneSources:
    """Return the sources with a final outcome under settings, as a column ``source_id``.

    Statistics of the data files exclude those of other settings. Spark reads a large table; the
    rows of a smaller one are a stream.

    Parameters
    ----------
    tables : Tables
    table : str
        Table that is committed last by the job.
    is_local : bool
        Whether the driver holds the listing.
    limits : ObjectLimits
        Limits of this run.
    settings : mapping
        Values by column.
    """
    if tables.row_count(table) > (DONE_LOCAL_MAX_ROWS if is_local else SENT_MAX_ROWS):
        return _find_in_cluster(tables, table, limits, settings)
    return tables.batches(table, ["source_id"], has_final_outcome(tables, limits, settings))


def _find_in_cluster(
    tables: Tables, table: str, limits: ObjectLimits, settings: Mapping[str, str]
) -> DataFrame:
    from pyspark.sql import functions as F

    rows = tables.read(table).where(~F.col("reason_code").isin(list(TRANSIENT_REASONS)))
    for column, value in settings.items():
        rows = rows.where(F.col(column) == value)
    for reason, runs in find_runs_with_lower_limits(tables, limits).items():
        is_retried = (F.col("reason_code") == reason.value) & F.col("run_id").isin(list(runs))
        rows = rows.where(~is_retried)
    return rows.select("source_id")
