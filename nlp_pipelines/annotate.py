"""Annotate texts: as a DataFrame of distinct texts, or with a function in one process.

Each text is split into windows, the Spark NLP pipeline annotates the windows, and the findings of
the model and of the rules are combined on the whole text. Windows consist of plain characters;
offsets of the results are code points of the original text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp_pipelines.build import NER_COLUMN, PLACE_COLUMN
from nlp_pipelines.load import load_pipeline, pipeline_version
from nlp_pipelines.text_windows import split_windows
from safelight.records import Annotate, Span
from safelight.text.lexicon.plain_text import plain_text
from safelight.text.recognizers.span_filter import find_spans

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Type of the column ``spans``: the fields of :class:`safelight.records.Span`; ``fine`` is the
#: subtype.
SPANS_TYPE = (
    "array<struct<begin:int,end:int,entity:string,engine:string,confidence:double,fine:string>>"
)
_WINDOWS_TYPE = "array<struct<offset:int,text:string,whole:string>>"
_ENGINES = {NER_COLUMN: "ner", PLACE_COLUMN: "gazetteer"}


def annotate_texts(spark: SparkSession, texts: DataFrame, folder: Path | None = None) -> DataFrame:
    """Find the spans of each distinct text with Spark.

    Parameters
    ----------
    spark : SparkSession
        Session with the Spark NLP jar on its class path.
    texts : DataFrame
        Columns ``text_id`` and ``text``. Rows with the same ``text_id`` hold the same text.
    folder : Path, optional
        Model folder (default: the shipped model).

    Returns
    -------
    DataFrame
        One row per ``text_id`` with columns ``text_id`` and ``spans`` (`SPANS_TYPE`); evaluated
        lazily.
    """
    from pyspark.sql import functions

    pipeline = load_pipeline(spark, folder)
    split = functions.udf(_split_text, _WINDOWS_TYPE)
    combine = functions.udf(_combine, SPANS_TYPE)
    windows = (
        texts.select("text_id", "text")
        .dropDuplicates(["text_id"])
        .select("text_id", functions.explode(split("text")).alias("window"))
        .select("text_id", "window.*")
        # The cost is per window, not per text. Batches of similar lengths need little padding.
        .repartition(spark.sparkContext.defaultParallelism * 2)
        .sortWithinPartitions(functions.length("text"))
    )
    found = pipeline.transform(windows).select(
        "text_id",
        "whole",
        functions.concat(
            *(functions.expr(_chunks_sql(name, engine)) for name, engine in _ENGINES.items())
        ).alias("chunks"),
    )
    return (
        found.groupBy("text_id")
        .agg(
            functions.max("whole").alias("text"),
            functions.flatten(functions.collect_list("chunks")).alias("chunks"),
        )
        .select("text_id", combine("text", "chunks").alias("spans"))
    )


def build_annotator(spark: SparkSession, folder: Path | None = None) -> Annotate:
    """Return a function for :class:`safelight.Deidentifier` that annotates in this process.

    Parameters
    ----------
    spark : SparkSession
        Session with the Spark NLP jar on its class path.
    folder : Path, optional
        Model folder (default: the shipped model).

    Returns
    -------
    callable
        Takes texts and returns the spans of each.
    """
    find_chunks = build_chunk_finder(spark, folder)

    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        chunks = find_chunks(texts)
        return [find_spans(text, found) for text, found in zip(texts, chunks, strict=True)]

    return annotate


def build_chunk_finder(
    spark: SparkSession, folder: Path | None = None
) -> Callable[[Sequence[str]], list[list[Span]]]:
    """Return a function that finds the chunks of the pipeline, without the rules.

    The function calls the LightPipeline of Spark NLP in the JVM: the Python class opens a text
    that looks like a path as a file, and transfers every token to Python.

    Parameters
    ----------
    spark : SparkSession
        Session with the Spark NLP jar on its class path.
    folder : Path, optional
        Model folder (default: the shipped model).

    Returns
    -------
    callable
        Takes texts and returns the chunks of the model and the gazetteer for each, with the
        offsets of its plain text (:func:`safelight.text.lexicon.plain_text.plain_text`).
    """
    from sparknlp.internal import _LightPipeline

    light = _LightPipeline(load_pipeline(spark, folder), False).apply()

    def find_chunks(texts: Sequence[str]) -> list[list[Span]]:
        plain = [plain_text(text).text for text in texts]
        windows = [(index, w) for index, text in enumerate(plain) for w in split_windows(text)]
        results = light.fullAnnotateJava([w.text for _, w in windows]) if windows else []
        chunks: list[list[Span]] = [[] for _ in texts]
        for (index, window), result in zip(windows, results, strict=True):
            for column, engine in _ENGINES.items():
                for annotation in result.get(column) or ():
                    metadata = dict(annotation.metadata())
                    chunks[index].append(
                        Span(
                            annotation.begin() + window.offset,
                            annotation.end() + 1 + window.offset,
                            metadata["entity"],
                            engine,
                            float(metadata.get("confidence") or 1.0),
                        )
                    )
        return chunks

    return find_chunks


def _split_text(text: str | None) -> list[tuple[int, str, str | None]]:
    """Return the windows of a text as rows; the first row also holds the whole text."""
    plain = plain_text(text or "").text
    windows = [(window.offset, window.text) for window in split_windows(plain)] or [(0, "")]
    return [
        (offset, window, text if number == 0 else None)
        for number, (offset, window) in enumerate(windows)
    ]


def _combine(text: str | None, chunks: list[Any]) -> list[tuple[int, int, str, str, float, str]]:
    """Return the spans of a text, as rows, from its chunks and the rules."""
    found = find_spans(text or "", [Span(*chunk) for chunk in chunks])
    return [(s.begin, s.end, s.entity, s.engine, s.confidence, s.subtype) for s in found]


def _chunks_sql(column: str, engine: str) -> str:
    """Return the SQL that turns the annotations of a window into chunks of the text."""
    return (
        f"transform({column}, c -> struct(c.begin + offset AS begin, c.end + 1 + offset AS end, "
        f"c.metadata['entity'] AS entity, '{engine}' AS engine, "
        "coalesce(cast(c.metadata['confidence'] AS double), 1.0D) AS confidence))"
    )


def __getattr__(name: str) -> str:
    """Compute ``PIPELINE_VERSION`` on first use: only the driver needs it, not the workers."""
    if name == "PIPELINE_VERSION":
        return pipeline_version()
    raise AttributeError(name)
