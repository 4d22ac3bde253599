"""Read the texts of outputs with a text model, as a second reader besides the lists of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from jobs.common.delta.arrow_rows import arrow_schema, decode_rows, encode_rows, spark_schema
from jobs.common.delta.rows import StoredSpan
from jobs.common.spark.object_limits import ObjectLimits, is_repeated_task, run_limited
from jobs.common.storage.objects import read_object
from jobs.common.verification.check_results import CheckResult, encode_results, make_finding
from jobs.common.verification.comparison_keys import ComparisonKeys
from jobs.common.verification.object_checks import ObjectCheck
from safelight.records import Refusal
from safelight.verify import Expectation, Verifier

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Annotates a frame of texts; see :func:`nlp_pipelines.annotate.annotate_texts`.
AnnotateTexts = Callable[["SparkSession", "DataFrame"], "DataFrame"]


@dataclass(slots=True)
class ElementText:
    """A text of an element of an output. It may hold PHI that the de-identification has missed.

    Attributes
    ----------
    output_uri, location : str
        Output, and tag path of the element.
    text : str
    """

    output_uri: str
    location: str
    text: str

    def __repr__(self) -> str:
        """Return a representation without the text."""
        return f"ElementText({self.output_uri!r}, {self.location!r})"


@dataclass(slots=True)
class AnnotatedText:
    """A text of an element with the spans that the text model has found in it."""

    output_uri: str
    location: str
    text: str
    spans: list[StoredSpan]

    def __repr__(self) -> str:
        """Return a representation without the text."""
        return f"AnnotatedText({self.output_uri!r}, {self.location!r})"


class TextReading:
    """Findings of a text model in the texts of outputs.

    Parameters
    ----------
    annotate : callable
        Text model, see :data:`AnnotateTexts`.
    expectation : Expectation
        What the rules retain.
    keys : ComparisonKeys
        Keys of the hashes.
    limits : ObjectLimits
        Time and memory of one object.
    persist : callable
        Persists a frame, and removes it at the end of the verification.
    """

    def __init__(
        self,
        annotate: AnnotateTexts,
        expectation: Expectation,
        keys: ComparisonKeys,
        limits: ObjectLimits,
        persist: Callable[[DataFrame], DataFrame],
    ):
        self._annotate = annotate
        self._persist = persist
        self._task = TextTask(expectation, keys, limits)

    def read(self, spark: SparkSession, objects: DataFrame) -> DataFrame:
        """Return the findings as rows of `CheckResult`.

        Each distinct text is annotated once.

        Parameters
        ----------
        spark : SparkSession
            Session with the jar of Spark NLP.
        objects : DataFrame
            Rows of `ObjectCheck`.
        """
        from pyspark.sql import functions as F

        columns = spark_schema(arrow_schema(ElementText))
        texts = objects.mapInArrow(self._task.list_texts, columns)
        texts = self._persist(texts.withColumn("text_id", F.sha2("text", 256)))
        distinct = texts.select("text_id", "text").dropDuplicates(["text_id"])
        spans = self._annotate(spark, distinct).select("text_id", "spans")
        annotated = texts.join(spans, "text_id").select(arrow_schema(AnnotatedText).names)
        return annotated.mapInArrow(self._task.judge, spark_schema(arrow_schema(CheckResult)))


class TextTask:
    """Functions of ``mapInArrow``.

    Parameters
    ----------
    expectation, keys, limits
        See :class:`TextReading`.
    """

    def __init__(self, expectation: Expectation, keys: ComparisonKeys, limits: ObjectLimits):
        self._expectation = expectation
        self._keys = keys
        self._limits = limits

    def _verifier(self) -> Verifier:
        return Verifier(self._expectation, self._keys.values)

    def list_texts(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the texts of outputs, given as rows of `ObjectCheck`, as rows of `ElementText`."""
        verifier = self._verifier()
        for task in decode_rows(ObjectCheck, batches):
            try:
                list_texts = partial(_list_texts, verifier, task)
                texts = run_limited(list_texts, self._limits, is_repeated_task())
            except Refusal:
                continue  # a finding of `ObjectChecker`
            if texts:
                yield encode_rows(ElementText, texts)

    def judge(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the findings in texts, given as rows of `AnnotatedText`."""
        verifier = self._verifier()
        return encode_results(
            make_finding(row.output_uri, defect)
            for row in decode_rows(AnnotatedText, batches)
            for defect in verifier.judge_text(row.location, row.text, row.spans)
        )


def _list_texts(verifier: Verifier, task: ObjectCheck) -> list[ElementText]:
    """Return the texts of one output.

    Raises
    ------
    Refusal
        If it cannot be read.
    """
    data = read_object(task.uri, task.version)
    return [ElementText(task.uri, *readable) for readable in verifier.list_texts(data)]
