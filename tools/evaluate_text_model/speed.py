"""Speed in Spark after start-up, and what annotating distinct texts once is worth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nlp_pipelines.annotate import annotate_texts
from nlp_pipelines.tokens import tokenize

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Speed:
    """Seconds for a number of notes and their tokens."""

    what: str
    notes: int
    tokens: int
    seconds: float

    def row(self, cores: int) -> list[str]:
        """A row of the table."""
        return [
            self.what,
            f"{self.notes}",
            f"{self.tokens / self.notes:.0f}",
            f"{self.seconds:.1f}",
            f"{self.tokens / self.seconds:,.0f}",
            f"{self.notes / self.seconds / cores:.2f}",
        ]


def measure(spark: SparkSession, what: str, texts: list[str], folder: Path | None = None) -> Speed:
    """Annotate once, the session and the model being warm."""
    rows = [(f"{number}", text) for number, text in enumerate(texts)]
    frame = spark.createDataFrame(rows, "text_id string, text string").repartition(4).persist()
    frame.count()
    began = time.perf_counter()
    annotate_texts(spark, frame, folder).foreach(lambda row: None)
    seconds = time.perf_counter() - began
    frame.unpersist()
    return Speed(what, len(texts), sum(len(tokenize(text)) for text in texts), seconds)


def measure_distinct(
    spark: SparkSession, what: str, text: str, copies: int, folder: Path | None = None
) -> Speed:
    """The same text under one key, as headers of a series repeat theirs."""
    frame = spark.createDataFrame([("0", text)] * copies, "text_id string, text string").persist()
    frame.count()
    began = time.perf_counter()
    annotate_texts(spark, frame, folder).foreach(lambda row: None)
    seconds = time.perf_counter() - began
    frame.unpersist()
    return Speed(what, copies, copies * len(tokenize(text)), seconds)
