"""ANNOTATE: find the spans of each distinct text once, and remember them across runs.

The table ``annotations`` holds keyed hashes of texts and offsets of spans, never a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jobs.common.cli.log import log_event
from jobs.common.delta.arrow_rows import arrow_schema, spark_schema
from jobs.common.delta.rows import AnnotationRow, StoredSpan
from jobs.common.run.annotation_macs import annotation_mac, check_task, is_authentic, sign_task
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from safelight.records import Span

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from jobs.common.delta.tables.table_set import Tables

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
    tables: Tables, scanned: DataFrame, model: TextModel, config: DeidentifierConfig
) -> dict[str, Sequence[Span]] | DataFrame:
    """Return the spans of all texts of a batch.

    Texts that ``annotations`` has under the same version of the model are looked up; the others
    are annotated and added to the table. Rows that are not authentic are reported and not used.

    Parameters
    ----------
    tables : Tables
    scanned : DataFrame
        Rows with ``texts``: arrays of ``text_hmac, text``. The texts stay in the cluster.
    model : TextModel
    config : DeidentifierConfig
        Key of the hashes and of the authentication codes.

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
            return _collect_annotations(tables, texts, model, config)
        return _store_annotations(tables, texts, model, config)
    finally:
        texts.unpersist()


def _collect_annotations(
    tables: Tables, texts: DataFrame, model: TextModel, config: DeidentifierConfig
) -> dict[str, Sequence[Span]]:
    count = texts.count()
    names = config.pseudonyms()
    found: dict[str, Sequence[Span]] = {}
    remembered: list[dict[str, Any]] = []
    if count and tables.exists(AnnotationRow.table):
        remembered = [
            row.asDict(recursive=True) for row in _remembered(tables, texts, model).collect()
        ]
        authentic = [row for row in remembered if is_authentic(names, row)]
        _report_rejected(len(remembered) - len(authentic))
        found = {row["text_hmac"]: _read_spans(row) for row in authentic}
    if len(found) < count:
        new = texts
        if found and len(found) == len(remembered):
            new = texts.join(
                _remembered(tables, texts, model).select("text_hmac"), "text_hmac", "left_anti"
            )
        elif found:
            known = tables.spark.createDataFrame([(key,) for key in found], "text_hmac STRING")
            new = texts.join(known, "text_hmac", "left_anti")
        annotated = _annotate(tables.spark, new, model, names.key_id).collect()
        rows = [row.asDict(recursive=True) for row in annotated]
        for row in rows:
            row["mac"] = annotation_mac(
                names, row["text_hmac"], row["pipeline_version"], row["spans"]
            )
        tables.append_records(AnnotationRow.table, rows)
        found.update((row["text_hmac"], _read_spans(row)) for row in rows)
    return found


def _store_annotations(
    tables: Tables, texts: DataFrame, model: TextModel, config: DeidentifierConfig
) -> DataFrame:
    checked = _checked(tables, texts, model, config).persist()
    try:
        _report_rejected(checked.where("NOT authentic").count())
        known = checked.where("authentic").select("text_hmac")
        new = texts.join(known, "text_hmac", "left_anti")
        annotated = _annotate(tables.spark, new, model, config.pseudonyms().key_id)
        schema = spark_schema(arrow_schema(AnnotationRow))
        tables.append_frame(AnnotationRow.table, annotated.mapInArrow(sign_task(config), schema))
    finally:
        checked.unpersist()
    # The table may not have existed before.
    valid = _checked(tables, texts, model, config).where("authentic")
    return valid.select("text_hmac", "spans").dropDuplicates(["text_hmac"])


def _remembered(tables: Tables, texts: DataFrame, model: TextModel) -> DataFrame:
    """Return the rows of the table about some texts under the version of the model."""
    from pyspark.sql import functions

    version = functions.col("pipeline_version")
    rows = tables.read(AnnotationRow.table).where(version == model.version)
    return rows.join(texts.select("text_hmac"), "text_hmac", "left_semi")


def _checked(
    tables: Tables, texts: DataFrame, model: TextModel, config: DeidentifierConfig
) -> DataFrame:
    """Return the rows about some texts with the column ``authentic``."""
    columns = arrow_schema(AnnotationRow)
    schema = spark_schema(columns.append(pa.field("authentic", pa.bool_())))
    rows = _remembered(tables, texts, model).select(columns.names)
    return rows.mapInArrow(check_task(config), schema)


def _report_rejected(count: int) -> None:
    """Report rows that are not used."""
    if count:
        log_event(
            "annotations_rejected",
            f"{count} rows of the table annotations were changed, or are of an earlier version; "
            "their texts are annotated again. Find out who may write the table.",
            count=count,
        )


def _read_spans(row: Mapping[str, Any]) -> tuple[Span, ...]:
    return to_spans(StoredSpan(**span) for span in row["spans"] or ())


def _annotate(spark: SparkSession, texts: DataFrame, model: TextModel, key_id: str) -> DataFrame:
    """Return rows of ``annotations`` without their authentication codes."""
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
