"""Choose the columns that may have statistics, in Parquet files and in the log of Delta.

The minimum and the maximum of a column are values of the column, outside of its file. Only columns
that cannot hold PHI have them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Columns that have a minimum and a maximum. None of them can hold PHI.
STATISTICS_COLUMNS = frozenset(
    {
        "run_id", "first_run_id", "batch", "piece", "pieces", "namespace", "key_id", "kind",
        "status", "reason_code", "rules_hash", "fields_hash", "stages", "software_version",
        "pipeline_version", "command", "outcome", "release", "datastore_id", "chunk", "job_id",
        "state",
        "processed_at", "started_at", "ended_at", "accessed_at", "released_at",
        "imported_at", "recorded_at",
    }
)  # fmt: skip


def statistics_columns(names: Sequence[str]) -> list[str]:
    """Return those of the columns that may have a minimum and a maximum."""
    return [name for name in names if name in STATISTICS_COLUMNS]


def describe_rows(rows: pa.Table) -> str:
    """Return the statistics of rows as the JSON of an add action of Delta.

    It has the number of rows, and the minimum, the maximum and the number of nulls of the columns
    of :data:`STATISTICS_COLUMNS`.
    """
    minima, maxima, nulls = {}, {}, {}
    for name in statistics_columns(rows.column_names):
        column = rows[name]
        nulls[name] = column.null_count
        if column.null_count < len(column):
            bounds = pc.min_max(column).as_py()
            minima[name], maxima[name] = map(_to_json, (bounds["min"], bounds["max"]))
    return _to_statistics(len(rows), minima, maxima, nulls)


def describe_file(path: str) -> str:
    """Return the statistics of the rows of a local Parquet file, as :func:`describe_rows`.

    Parameters
    ----------
    path : str
        Path of the file. Its row groups have statistics of the columns of
        :data:`STATISTICS_COLUMNS`.
    """
    metadata = pq.read_metadata(path)
    minima, maxima, nulls = {}, {}, {}
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    for column, name in enumerate(metadata.schema.names):
        if name not in STATISTICS_COLUMNS:
            continue
        found = [group.column(column).statistics for group in groups]
        nulls[name] = sum(one.null_count for one in found)
        if bounded := [one for one in found if one.has_min_max]:
            minima[name] = _to_json(min(one.min for one in bounded))
            maxima[name] = _to_json(max(one.max for one in bounded))
    return _to_statistics(metadata.num_rows, minima, maxima, nulls)


def _to_statistics(
    rows: int,
    minima: Mapping[str, object],
    maxima: Mapping[str, object],
    nulls: Mapping[str, int],
) -> str:
    statistics: dict[str, Any] = {"numRecords": rows}
    statistics |= {"minValues": minima, "maxValues": maxima, "nullCount": nulls}
    return json.dumps(statistics, separators=(",", ":"))


def _to_json(value: object) -> object:
    """Return a value as Delta writes it: a time in UTC with microseconds."""
    return f"{value:%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(value, datetime) else value
