"""Read which dates the rules of runs have written themselves."""

from __future__ import annotations

from collections.abc import Collection

from jobs.common.delta.table_set import Tables
from jobs.common.run.rule_sets import WRITTEN_DATES
from safelight.rules.written_dates import WrittenDates, decode_written_dates


def read_written_dates(tables: Tables, run_ids: Collection[str]) -> WrittenDates:
    """Return the dates that the rules of runs have written themselves.

    Parameters
    ----------
    tables : Tables
        Tables with ``runs``.
    run_ids : collection of str
        Runs that made the objects of a release.
    """
    rows = tables.rows("runs", ["run_id", "parameters"])
    return decode_written_dates(
        dict(row["parameters"] or ()).get(WRITTEN_DATES, "")
        for row in rows
        if row["run_id"] in run_ids
    )
