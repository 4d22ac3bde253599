"""Select the objects that a verification has found clean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.common.cli.errors import UsageError
from jobs.common.delta.table_set import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Value of ``outcome`` in ``verification``.
_CLEAN = "clean"


def keep_verified(tables: Tables, rows: DataFrame) -> DataFrame:
    """Return the rows whose object was clean in the last verification after it was made.

    Parameters
    ----------
    tables : Tables
        Tables with ``verification``.
    rows : DataFrame
        Rows with the columns ``output_uri`` and ``processed_at``.

    Raises
    ------
    UsageError
        If there was no verification.
    """
    from pyspark.sql import functions as F

    if not tables.exists("verification"):
        raise UsageError("no output was verified; run `safelight verify` first")
    last = (
        tables.read("verification")
        .groupBy("output_uri")
        .agg(F.max_by("outcome", "verified_at").alias("outcome"), F.max("verified_at").alias("at"))
        .where(F.col("outcome") == _CLEAN)
    )
    rows = rows.join(last.select("output_uri", "at"), "output_uri")
    return rows.where("at >= processed_at").drop("at")
