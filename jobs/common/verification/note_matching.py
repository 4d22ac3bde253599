"""Pair the rows of ``note_files`` with the files of an output, in the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from jobs.common.delta.arrow_rows import arrow_schema, spark_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.verification.latest_rows import select_latest
from jobs.common.verification.note_checks import NoteCheck

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Size of the largest original that is read again. Outputs of larger ones are verified alone.
MAX_ORIGINAL_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class NoteOutputs:
    """Outputs of notes among all listed files.

    Attributes
    ----------
    checks : DataFrame
        One row of :class:`NoteCheck` per source.
    tables : tuple of str
        URIs of Delta tables.
    files : DataFrame
        URIs of the files that belong to notes, ``uri``.
    missing : DataFrame
        URIs of rows whose file is missing, ``uri``.
    """

    checks: DataFrame
    tables: tuple[str, ...]
    files: DataFrame
    missing: DataFrame


def match_notes(
    tables: Tables, listed: DataFrame, root: str, originals: Optional[DataFrame]
) -> Optional[NoteOutputs]:
    """Pair the rows of ``note_files`` with the files below a folder; None without such rows.

    Rows of other folders are left out.

    Parameters
    ----------
    tables : Tables
        Tables of the runs.
    listed : DataFrame
        Listed files: ``uri``, ``size``, ``version``.
    root : str
        URI of the folder, which may have been moved as a whole.
    originals : DataFrame, optional
        See :func:`jobs.common.verification.originals.find_originals`.
    """
    from pyspark.sql import functions as F

    if not tables.exists("note_files"):
        return None
    rows, is_in_place = _locate_rows(tables, root)
    is_table = F.col("format") == "delta"
    folders = tuple(row.uri for row in rows.where(is_table).select("uri").distinct().collect())
    inside = F.lit(False)
    for folder in folders:
        inside |= F.col("uri").startswith(f"{folder}/")
    files = rows.where(~is_table).join(listed.select("uri", "version"), "uri", "left")
    found, missing = files.where("version IS NOT NULL"), files.where("version IS NULL")
    parts = listed.where(inside).select("uri")
    existing = tuple(
        folder for folder in folders if parts.where(F.col("uri").startswith(f"{folder}/")).head(1)
    )
    if not (is_in_place or existing or found.head(1)):
        return None
    return NoteOutputs(
        checks=_make_checks(tables, found, originals),
        tables=existing,
        files=found.select("uri").union(parts).distinct(),
        missing=missing.select("uri"),
    )


def _locate_rows(tables: Tables, root: str) -> tuple[DataFrame, bool]:
    """Return the rows of ``note_files`` that have an output, with its URI below the folder.

    The second value is whether they record this folder; otherwise it may be a moved one.
    """
    from pyspark.sql import functions as F

    written = select_latest(tables.read("note_files").where(F.col("output_uri").isNotNull()))
    rows = written.select(
        "source_id", "piece", "format", "output_uri", "output_root", "output_sha256",
        (F.col("notes") - F.col("notes_quarantined")).alias("written"),
    )  # fmt: skip
    below = f"{root.rstrip('/')}/"
    in_place = rows.where(F.col("output_uri").startswith(below))
    if in_place.head(1):
        return in_place.withColumn("uri", F.col("output_uri")), True
    relative = F.expr(
        "ltrim('/', if(startswith(output_uri, output_root), "
        "substring(output_uri, length(output_root) + 1), output_uri))"
    )
    return rows.withColumn("uri", F.concat(F.lit(below), relative)), False


def _make_checks(tables: Tables, found: DataFrame, originals: Optional[DataFrame]) -> DataFrame:
    """Return one check per source, with the numbers of the records that were written."""
    from pyspark.sql import functions as F

    output = F.struct(
        "piece", "uri", "version", F.col("output_sha256").alias("sha256"),
        F.col("written").alias("notes"),
    )  # fmt: skip
    outputs = found.groupBy("source_id").agg(F.sort_array(F.collect_list(output)).alias("outputs"))
    numbers = (
        tables.read("notes").where(F.col("status") == "deidentified")
        .groupBy("source_id").agg(F.array_sort(F.collect_list("row")).alias("rows"))
    )  # fmt: skip
    if originals is None:
        originals = tables.spark.createDataFrame(
            [], "source_id STRING, original STRING, original_version STRING, original_bytes LONG"
        )
    read_again = originals.where(F.col("original_bytes") <= MAX_ORIGINAL_BYTES)
    pairs = outputs.join(numbers, "source_id", "left").join(read_again, "source_id", "left")
    values = {
        "outputs": F.col("outputs"),
        "rows": F.coalesce("rows", F.array()),
        "original": F.coalesce("original", F.lit("")),
        "original_version": F.coalesce("original_version", F.lit("")),
    }
    schema = spark_schema(arrow_schema(NoteCheck))
    return pairs.select([values[f.name].cast(f.dataType).alias(f.name) for f in schema.fields])
