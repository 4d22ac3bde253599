"""ANNOTATE: each distinct text through the text model once, remembered across runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jobs.common.delta.table_set import Tables
from jobs.common.images.worker import Decisions
from safelight.records import Span

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: (Spark, texts as ``text_id, text``) -> ``text_id, spans``; see nlp_pipelines.annotate.
AnnotateTexts = Callable[["SparkSession", "DataFrame"], "DataFrame"]


def decided_texts(
    tables: Tables,
    scanned: DataFrame,
    annotate: AnnotateTexts,
    pipeline_version: str,
    key_id: str,
    in_driver: int,
) -> DataFrame:
    """Spans of all texts of a batch: ``text_hmac, spans``.

    Texts that an earlier batch or run has seen under the same model are looked up in
    ``decisions``, which holds hashes and offsets only; the others are annotated and added.

    Parameters
    ----------
    scanned : DataFrame
        With ``texts``: arrays of ``text_hmac, text``. Its texts stay in the cluster.
    in_driver : int
        Up to how many new texts their hashes and offsets pass through the driver, which commits
        them without Spark.
    """
    from pyspark.sql import functions as F

    texts = _distinct(scanned)
    remembered = tables.read("decisions").where(F.col("pipeline_version") == pipeline_version)
    new = texts.join(remembered.select("text_hmac"), "text_hmac", "left_anti").persist()
    try:
        count = new.count()
        if count:
            rows = _annotated(tables.spark, new, annotate, pipeline_version, key_id)
            if count > in_driver:
                tables.append("decisions", rows)
            else:
                found = (row.asDict(recursive=True) for row in rows.collect())
                tables.append_rows("decisions", found)
        known = tables.read("decisions").where(F.col("pipeline_version") == pipeline_version)
        asked = texts.select("text_hmac")
        return known.join(asked, "text_hmac", "left_semi").select("text_hmac", "spans")
    finally:
        new.unpersist()


def decide_texts(
    tables: Tables,
    scanned: DataFrame,
    annotate: AnnotateTexts,
    pipeline_version: str,
    key_id: str,
) -> Decisions:
    """The same in the driver, by the keyed hash of the text: for texts that are few."""
    from pyspark.sql import functions as F

    texts = _distinct(scanned).persist()
    try:
        remembered = tables.read("decisions").where(F.col("pipeline_version") == pipeline_version)
        asked = remembered.join(texts.select("text_hmac"), "text_hmac", "left_semi")
        known = asked.collect() if tables.exists("decisions") else []
        if len(known) < texts.count():
            new = texts
            if known:
                new = texts.join(remembered.select("text_hmac"), "text_hmac", "left_anti")
            found = _annotated(tables.spark, new, annotate, pipeline_version, key_id).collect()
            tables.append_rows("decisions", (row.asDict(recursive=True) for row in found))
            known += found
    finally:
        texts.unpersist()
    return {
        row.text_hmac: tuple(
            Span(s.begin, s.end, s.entity, s.engine, s.confidence, s.fine or "")
            for s in row.spans or ()
        )
        for row in known
    }


def _distinct(scanned: DataFrame) -> DataFrame:
    from pyspark.sql import functions as F

    entries = scanned.select(F.explode("texts").alias("entry"))
    return entries.select("entry.text_hmac", "entry.text").dropDuplicates(["text_hmac"])


def _annotated(
    spark: SparkSession,
    texts: DataFrame,
    annotate: AnnotateTexts,
    pipeline_version: str,
    key_id: str,
) -> DataFrame:
    """Rows for ``decisions``."""
    from pyspark.sql import functions as F

    return annotate(spark, texts.withColumnRenamed("text_hmac", "text_id")).select(
        F.col("text_id").alias("text_hmac"),
        F.lit(pipeline_version).alias("pipeline_version"),
        F.lit(key_id).alias("key_id"),
        F.expr(
            "transform(spans, s -> named_struct('begin', int(s.`begin`), "
            "'end', int(s.`end`), 'entity', s.entity, 'engine', s.engine, "
            "'confidence', double(s.confidence), 'fine', s.fine))"
        ).alias("spans"),
    )
