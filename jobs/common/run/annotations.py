"""ANNOTATE: find the spans of each distinct text once, and remember them across runs.

The table ``annotations`` holds keyed hashes of texts and offsets of spans, never a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

from jobs.common.delta.rows import AnnotationRow, StoredSpan
from safelight.records import Span

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from jobs.common.delta.table_set import Tables

#: Text model: takes texts as ``text_id, text`` and returns ``text_id, spans``; see
#: :mod:`nlp_pipelines.annotate`.
AnnotateTexts = Callable[["SparkSession", "DataFrame"], "DataFrame"]

#: Spans of a text by the keyed hash of the text.
Annotations = Mapping[str, Sequence[Span]]

#: New texts up to which the driver collects and commits the spans, which is faster than Spark.
DRIVER_MAX_TEXTS = 50_000


class HashedText(NamedTuple):
    """A text to annotate. HOLDS PHI: the text."""

    text_hmac: str
    text: str


@dataclass(frozen=True)
class TextModel:
    """Text model of a run.

    Attributes
    ----------
    annotate : AnnotateTexts
    version : str
        Version of the model and its rules: annotations of other versions are not used.
    """

    annotate: AnnotateTexts
    version: str


def to_spans(stored: Iterable[StoredSpan] | None) -> tuple[Span, ...]:
    """Return stored spans as spans."""
    return tuple(
        Span(s.begin, s.end, s.entity, s.engine, s.confidence, s.fine or "") for s in stored or ()
    )


@overload
def annotate_batch(
    tables: Tables, scanned: DataFrame, model: TextModel, key_id: str, *, collect: Literal[True]
) -> Annotations: ...


@overload
def annotate_batch(
    tables: Tables, scanned: DataFrame, model: TextModel, key_id: str, *, collect: Literal[False]
) -> DataFrame: ...


def annotate_batch(
    tables: Tables, scanned: DataFrame, model: TextModel, key_id: str, *, collect: bool
) -> Annotations | DataFrame:
    """Return the spans of all texts of a batch.

    Texts that ``annotations`` has under the same version of the model are looked up; the others
    are annotated and added to the table.

    Parameters
    ----------
    tables : Tables
    scanned : DataFrame
        Rows with ``texts``: arrays of ``text_hmac, text``. The texts stay in the cluster.
    model : TextModel
    key_id : str
        ID of the key of the hashes.
    collect : bool
        Collect the spans in the driver, for batches with few texts.

    Returns
    -------
    Annotations or DataFrame
        The spans by hash, or a frame ``text_hmac, spans``.
    """
    from pyspark.sql import functions

    texts = scanned.select(functions.explode("texts").alias("entry"))
    texts = texts.select("entry.text_hmac", "entry.text").dropDuplicates(["text_hmac"])
    if collect:
        return _collect_annotations(tables, texts, model, key_id)
    return _store_annotations(tables, texts, model, key_id)


def _collect_annotations(
    tables: Tables, texts: DataFrame, model: TextModel, key_id: str
) -> Annotations:
    texts = texts.persist()
    try:
        remembered = _remembered(tables, model)
        rows = []
        if tables.exists(AnnotationRow.table):
            rows = remembered.join(texts.select("text_hmac"), "text_hmac", "left_semi").collect()
        if len(rows) < texts.count():
            new = texts
            if rows:
                new = texts.join(remembered.select("text_hmac"), "text_hmac", "left_anti")
            annotated = _annotate(tables.spark, new, model, key_id).collect()
            records = (row.asDict(recursive=True) for row in annotated)
            tables.append_records(AnnotationRow.table, records)
            rows += annotated
    finally:
        texts.unpersist()
    return {row.text_hmac: to_spans(row.spans) for row in rows}


def _store_annotations(
    tables: Tables, texts: DataFrame, model: TextModel, key_id: str
) -> DataFrame:
    remembered = _remembered(tables, model)
    new = texts.join(remembered.select("text_hmac"), "text_hmac", "left_anti").persist()
    try:
        count = new.count()
        if count:
            rows = _annotate(tables.spark, new, model, key_id)
            if count > DRIVER_MAX_TEXTS:
                tables.append_frame(AnnotationRow.table, rows)
            else:
                records = (row.asDict(recursive=True) for row in rows.collect())
                tables.append_records(AnnotationRow.table, records)
        known = _remembered(tables, model)  # the table may not have existed before
        wanted = texts.select("text_hmac")
        return known.join(wanted, "text_hmac", "left_semi").select("text_hmac", "spans")
    finally:
        new.unpersist()


def _remembered(tables: Tables, model: TextModel) -> DataFrame:
    from pyspark.sql import functions

    version = functions.col("pipeline_version")
    return tables.read(AnnotationRow.table).where(version == model.version)


def _annotate(spark: SparkSession, texts: DataFrame, model: TextModel, key_id: str) -> DataFrame:
    """Return rows of ``annotations``."""
    from pyspark.sql import functions

    return model.annotate(spark, texts.withColumnRenamed("text_hmac", "text_id")).select(
        functions.col("text_id").alias("text_hmac"),
        functions.lit(model.version).alias("pipeline_version"),
        functions.lit(key_id).alias("key_id"),
        functions.expr(
            "transform(spans, s -> named_struct('begin', int(s.`begin`), "
            "'end', int(s.`end`), 'entity', s.entity, 'engine', s.engine, "
            "'confidence', double(s.confidence), 'fine', s.fine))"
        ).alias("spans"),
    )
