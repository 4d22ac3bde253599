"""ANNOTATE: find the spans of each distinct text once, and remember them across runs.

The table ``annotations`` holds keyed hashes of texts and offsets of spans, never a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.common.delta.rows import AnnotationRow, StoredSpan
from safelight.records import Span

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from jobs.common.delta.table_set import Tables

#: Text model: takes texts as ``text_id, text`` and returns ``text_id, spans``; see
#: :mod:`nlp_pipelines.annotate`.
AnnotateTexts = Callable[["SparkSession", "DataFrame"], "DataFrame"]

#: Spans of a text by the keyed hash of the text.
StoredAnnotations = Mapping[str, Sequence[Span]]

#: Distinct texts of a batch up to which their spans are collected and broadcast, which is faster
#: than to join them.
SHARED_MAX_TEXTS = 50_000


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


def annotate_batch(
    tables: Tables, scanned: DataFrame, model: TextModel, key_id: str
) -> dict[str, Sequence[Span]] | DataFrame:
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

    Returns
    -------
    dict or DataFrame
        The spans by hash, to be broadcast; for more than :data:`SHARED_MAX_TEXTS` texts a frame
        ``text_hmac, spans``, to be joined.
    """
    from pyspark.sql import functions

    texts = scanned.select(functions.explode("texts").alias("entry"))
    texts = texts.select("entry.text_hmac", "entry.text").dropDuplicates(["text_hmac"]).persist()
    try:
        if texts.count() <= SHARED_MAX_TEXTS:
            return _collect_annotations(tables, texts, model, key_id)
        return _store_annotations(tables, texts, model, key_id)
    finally:
        texts.unpersist()


def _collect_annotations(
    tables: Tables, texts: DataFrame, model: TextModel, key_id: str
) -> dict[str, Sequence[Span]]:
    count = texts.count()
    rows = []
    if count and tables.exists(AnnotationRow.table):
        remembered = _remembered(tables, model)
        rows = remembered.join(texts.select("text_hmac"), "text_hmac", "left_semi").collect()
    if len(rows) < count:
        new = texts
        if rows:
            new = texts.join(
                _remembered(tables, model).select("text_hmac"), "text_hmac", "left_anti"
            )
        annotated = _annotate(tables.spark, new, model, key_id).collect()
        records = (row.asDict(recursive=True) for row in annotated)
        tables.append_records(AnnotationRow.table, records)
        rows += annotated
    return {row.text_hmac: to_spans(row.spans) for row in rows}


def _store_annotations(
    tables: Tables, texts: DataFrame, model: TextModel, key_id: str
) -> DataFrame:
    remembered = _remembered(tables, model)
    new = texts.join(remembered.select("text_hmac"), "text_hmac", "left_anti")
    tables.append_frame(AnnotationRow.table, _annotate(tables.spark, new, model, key_id))
    known = _remembered(tables, model)  # the table may not have existed before
    wanted = texts.select("text_hmac")
    return known.join(wanted, "text_hmac", "left_semi").select("text_hmac", "spans")


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
