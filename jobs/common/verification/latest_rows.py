"""Select the newest row of each output, because a later run may have written it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def select_latest(rows: DataFrame, key: str = "output_uri") -> DataFrame:
    """Return the row of each output that was recorded last.

    Parameters
    ----------
    rows : DataFrame
        Rows with the column ``processed_at``.
    key : str
        Column that identifies an output.
    """
    from pyspark.sql import functions as F
    from pyspark.sql.window import Window

    newest = Window.partitionBy(key).orderBy(F.col("processed_at").desc())
    return rows.withColumn("rank", F.row_number().over(newest)).where("rank = 1").drop("rank")
