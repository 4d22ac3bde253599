"""Leave withdrawn patients out of releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.common.delta.tables.table_set import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def drop_withdrawn(tables: Tables, rows: DataFrame) -> DataFrame:
    """Return the rows whose patient was not withdrawn.

    Parameters
    ----------
    tables : Tables
        Tables with ``withdrawals``, which may not exist.
    rows : DataFrame
        Rows with the columns ``namespace`` and ``patient_pseudonym``.
    """
    if not tables.exists("withdrawals"):
        return rows
    keys = ["namespace", "patient_pseudonym"]
    return rows.join(tables.read("withdrawals").select(keys).distinct(), keys, "left_anti")
