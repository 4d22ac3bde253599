"""Annotate texts: a DataFrame of distinct texts, or a callable for one process.

Each text is cut into windows, the Spark NLP pipeline reads the windows, and rules and
model meet again in the whole text. Offsets are code points of the text as it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp_pipelines.build import NER_COLUMN, PLACE_COLUMN
from nlp_pipelines.load import load_pipeline, pipeline_version
from nlp_pipelines.text_windows import windows
from safelight.records import Annotate, Span
from safelight.text.recognizers.span_filter import find_spans

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Type of the column ``spans``: :class:`safelight.records.Span`, field by field.
SPANS_TYPE = (
    "array<struct<begin:int,end:int,entity:string,engine:string,confidence:double,fine:string>>"
)
_WINDOWS_TYPE = "array<struct<offset:int,text:string,whole:string>>"
_ENGINES = {NER_COLUMN: "ner", PLACE_COLUMN: "gazetteer"}


def _cut(text: str | None) -> list[tuple[int, str, str | None]]:
    """The windows; the first one carries the whole text to where rules and model meet."""
    pieces = [(window.offset, window.text) for window in windows(text or "")] or [(0, "")]
    return [
        (offset, piece, text if number == 0 else None)
        for number, (offset, piece) in enumerate(pieces)
    ]


def _meet(text: str | None, chunks: list[Any]) -> list[tuple[int, int, str, str, float, str]]:
    found = find_spans(text or "", [Span(*chunk) for chunk in chunks])
    return [(s.begin, s.end, s.entity, s.engine, s.confidence, s.subtype) for s in found]


def _chunks(column: str, engine: str) -> str:
    """SQL: annotations of a window as chunks of the text."""
    return (
        f"transform({column}, c -> struct(c.begin + offset AS begin, c.end + 1 + offset AS end, "
        f"c.metadata['entity'] AS entity, '{engine}' AS engine, "
        "coalesce(cast(c.metadata['confidence'] AS double), 1.0D) AS confidence))"
    )


def annotate_texts(spark: SparkSession, texts: DataFrame, folder: Path | None = None) -> DataFrame:
    """Find what identifies in each distinct text.

    Parameters
    ----------
    spark : SparkSession
    texts : DataFrame
        Columns ``text_id`` and ``text``; rows that share a ``text_id`` hold the same text.
    folder : Path, optional
        Another model folder than the shipped one.

    Returns
    -------
    DataFrame
        One row per ``text_id``, columns ``text_id`` and ``spans`` (:data:`SPANS_TYPE`), lazily.
    """
    from pyspark.sql import functions as F

    pipeline = load_pipeline(spark, folder)
    cut = F.udf(_cut, _WINDOWS_TYPE)
    meet = F.udf(_meet, SPANS_TYPE)
    pieces = (
        texts.select("text_id", "text")
        .dropDuplicates(["text_id"])
        .select("text_id", F.explode(cut("text")).alias("window"))
        .select("text_id", "window.*")
        # Windows, not texts, are what costs; like lengths together waste no padding.
        .repartition(spark.sparkContext.defaultParallelism * 2)
        .sortWithinPartitions(F.length("text"))
    )
    found = pipeline.transform(pieces).select(
        "text_id",
        "whole",
        F.concat(*(F.expr(_chunks(name, engine)) for name, engine in _ENGINES.items())).alias(
            "chunks"
        ),
    )
    return (
        found.groupBy("text_id")
        .agg(F.max("whole").alias("text"), F.flatten(F.collect_list("chunks")).alias("chunks"))
        .select("text_id", meet("text", "chunks").alias("spans"))
    )


def chunker(
    spark: SparkSession, folder: Path | None = None
) -> Callable[[Sequence[str]], list[list[Span]]]:
    """A callable that gives what the stages of the pipeline find, before rules are met.

    It calls Spark NLP's LightPipeline in the JVM: the Python one takes a text that reads like
    a path for a file to open, and carries every token over to Python.
    """
    from sparknlp.internal import _LightPipeline

    light = _LightPipeline(load_pipeline(spark, folder), False).apply()

    def chunks_of(texts: Sequence[str]) -> list[list[Span]]:
        cut = [(index, window) for index, text in enumerate(texts) for window in windows(text)]
        results = light.fullAnnotateJava([window.text for _, window in cut]) if cut else []
        chunks: list[list[Span]] = [[] for _ in texts]
        for (index, window), result in zip(cut, results, strict=True):
            for column, engine in _ENGINES.items():
                for found in result.get(column) or ():
                    about = dict(found.metadata())
                    chunks[index].append(
                        Span(
                            found.begin() + window.offset,
                            found.end() + 1 + window.offset,
                            about["entity"],
                            engine,
                            float(about.get("confidence") or 1.0),
                        )
                    )
        return chunks

    return chunks_of


def annotator(spark: SparkSession, folder: Path | None = None) -> Annotate:
    """A callable for :class:`safelight.Deidentifier`: texts in, spans out, in this process."""
    chunks_of = chunker(spark, folder)

    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        chunks = chunks_of(texts)
        return [find_spans(text, found) for text, found in zip(texts, chunks, strict=True)]

    return annotate


def __getattr__(name: str) -> str:
    """``PIPELINE_VERSION``, computed when the driver asks for it: workers have no use for it."""
    if name == "PIPELINE_VERSION":
        return pipeline_version()
    raise AttributeError(name)
