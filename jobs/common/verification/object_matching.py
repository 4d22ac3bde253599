"""Pair the objects of an output with their rows and their originals, in the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from jobs.common.delta.arrow_rows import arrow_schema, spark_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.verification.latest_rows import select_latest
from jobs.common.verification.object_checks import ObjectCheck
from jobs.common.verification.release_matching import find_released_outputs

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Last segments of the path of an object, which are the same after a move: study, series, instance.
_PATH_SEGMENTS = 3

_ROW_COLUMNS = ("path", "run_id", "source_id", "sop_uid", "output_uri", "output_sha256")


def match_objects(
    tables: Tables, listed: DataFrame, root: str, originals: Optional[DataFrame]
) -> DataFrame:
    """Return the listed objects and the recorded ones, paired where both exist.

    Parameters
    ----------
    tables : Tables
    listed : DataFrame
        Objects of the output: ``uri``, ``size``, ``version``.
    root : str
        URI of the folder of the output, or of releases to a recipient.
    originals : DataFrame, optional
        See :func:`jobs.common.verification.originals.find_originals`.

    Returns
    -------
    DataFrame
        Columns of :class:`ObjectCheck`, and ``output_uri`` of the row; ``uri`` is null if the
        object is missing, ``output_uri`` if it has no row.
    """
    from pyspark.sql import functions as F

    rows, listed = _find_rows(tables, listed, root)
    pairs = listed.join(_add_masks(tables, rows), "path", "full_outer")
    if originals is None:
        originals = tables.spark.createDataFrame(
            [], "source_id STRING, original STRING, original_version STRING"
        )
    pairs = pairs.join(
        originals.select("source_id", "original", "original_version"), "source_id", "left"
    )
    values = {
        "sha256": F.coalesce("output_sha256", F.lit("")),
        "original": F.coalesce("original", F.lit("")),
        "original_version": F.coalesce("original_version", F.lit("")),
        "masked": F.coalesce("masked", F.lit(False)),
        "masks": F.coalesce("masks", F.array()),
    }
    schema = spark_schema(arrow_schema(ObjectCheck))
    columns = [
        values.get(f.name, F.col(f.name)).cast(f.dataType).alias(f.name) for f in schema.fields
    ]
    return pairs.select(*columns, "output_uri")


def _find_rows(tables: Tables, listed: DataFrame, root: str) -> tuple[DataFrame, DataFrame]:
    """Return the recorded objects and the listed files of a folder, by the column ``path``."""
    from pyspark.sql import functions as F

    rows = tables.read("instances").where(F.col("status") == "deidentified")
    below = F.col("output_uri").startswith(f"{root.rstrip('/')}/")
    if rows.where(below).head(1):
        rows = rows.where(below).withColumn("path", F.col("output_uri"))
        listed = listed.withColumn("path", F.col("uri"))
    elif (released := find_released_outputs(tables, listed, root)) is not None:
        return released.rows, released.listed.withColumn("path", F.col("uri"))
    else:  # the folder was moved as a whole
        rows = rows.withColumn("path", F.substring_index("output_uri", "/", -_PATH_SEGMENTS))
        listed = listed.withColumn("path", F.substring_index("uri", "/", -_PATH_SEGMENTS))
        if not rows.join(listed, "path", "left_semi").head(1):
            rows = rows.limit(0)  # all rows are those of other folders
    rows = select_latest(rows, "path")
    return rows.select(*_ROW_COLUMNS), listed


def _add_masks(tables: Tables, rows: DataFrame) -> DataFrame:
    """Add the recorded masks of each object."""
    from pyspark.sql import functions as F

    keys: Sequence[str] = ("run_id", "source_id")
    masked = (
        tables.read("audit").where(F.col("location").startswith("pixels"))
        .select("sop_uid").distinct().withColumn("masked", F.lit(True))
    )  # fmt: skip
    masks = (
        tables.read("findings")
        .where((F.col("location") == "pixels") & F.col("box").isNotNull())
        .groupBy(*keys).agg(F.collect_set(F.struct("frame", "box")).alias("masks"))
    )  # fmt: skip
    return rows.join(masked, "sop_uid", "left").join(masks, list(keys), "left")
