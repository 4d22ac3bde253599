"""Measure the speed in Spark after start-up, for distinct texts and for a repeated text."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlp_pipelines.annotate import annotate_texts
from nlp_pipelines.tokens import tokenize

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _discard(_row: object) -> None:
    """Accept a row, so that Spark computes it."""


@dataclass(frozen=True)
class Speed:
    """Seconds for a number of notes and their tokens, with a description for the report."""

    description: str
    notes: int
    tokens: int
    seconds: float

    def row(self, cores: int) -> list[str]:
        """Return a row of the report for a number of cores."""
        return [
            self.description,
            f"{self.notes}",
            f"{self.tokens / self.notes:.0f}",
            f"{self.seconds:.1f}",
            f"{self.tokens / self.seconds:,.0f}",
            f"{self.notes / self.seconds / cores:.2f}",
        ]


def measure(
    spark: SparkSession, description: str, texts: list[str], folder: Path | None = None
) -> Speed:
    """Measure the annotation of distinct texts; session and model must be warm.

    Parameters
    ----------
    spark : SparkSession
        Session on two cores.
    description : str
        Name of the row in the report.
    texts : list of str
        Texts to annotate.
    folder : Path, optional
        Model folder (default: the shipped model).
    """
    rows = [(f"{number}", text) for number, text in enumerate(texts)]
    frame = spark.createDataFrame(rows, "text_id string, text string").repartition(4).persist()
    frame.count()
    began = time.perf_counter()
    annotate_texts(spark, frame, folder).foreach(_discard)
    seconds = time.perf_counter() - began
    frame.unpersist()
    return Speed(description, len(texts), sum(len(tokenize(text)) for text in texts), seconds)


def measure_distinct(
    spark: SparkSession, description: str, text: str, copies: int, folder: Path | None = None
) -> Speed:
    """Measure the annotation of one text that occurs many times, as in the headers of a series.

    Parameters
    ----------
    spark : SparkSession
        Session on two cores.
    description : str
        Name of the row in the report.
    text : str
        Text to annotate.
    copies : int
        Number of rows with the text.
    folder : Path, optional
        Model folder (default: the shipped model).
    """
    frame = spark.createDataFrame([("0", text)] * copies, "text_id string, text string").persist()
    frame.count()
    began = time.perf_counter()
    annotate_texts(spark, frame, folder).foreach(_discard)
    seconds = time.perf_counter() - began
    frame.unpersist()
    return Speed(description, copies, copies * len(tokenize(text)), seconds)
