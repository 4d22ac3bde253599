"""The Spark NLP pipeline: stages from a window of text to chunks of the model and of gazetteers.

Rules (dates, identifiers, contacts, keys) are not stages: they are run over the whole text by
:func:`safelight.text.patterns.find_patterns` in :mod:`nlp_pipelines.annotate`. As a RegexMatcher
stage they would find the same candidates, but check digits and calendars would still have to be
looked at in Python afterwards; text that never sees Spark (headers, pixels, structured notes) must
be read by the same rules; a window may cut a key from its value; and the stage tries every
expression at every character, where :mod:`safelight.text.windows` looks only around digits and
keys: it takes 25 times as long (benchmarks/results/text.md). An EntityRuler knows phrases and
expressions too, but no look-behind for keys.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nlp_pipelines.tokens import JAVA_BOUNDARY

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession

GAZETTEER = Path(__file__).parent / "gazetteers" / "places.txt"
NER_COLUMN = "ner_chunk"
PLACE_COLUMN = "place_chunk"

#: Pieces that BERT reads at once; :mod:`nlp_pipelines.windows` keeps below.
_PIECES = 512


def build_pipeline(spark: SparkSession, folder: Path, batch: int = 8) -> PipelineModel:
    """DocumentAssembler, RegexTokenizer, BertForTokenClassification, NerConverter, TextMatcher.

    Parameters
    ----------
    spark : SparkSession
    folder : Path
        Model folder: ``model.onnx``, ``assets/vocab.txt``, ``assets/labels.txt``.
    batch : int
        Windows that the model reads at once.

    Returns
    -------
    PipelineModel
        From column ``text`` (one window) to :data:`NER_COLUMN` and :data:`PLACE_COLUMN`.
    """
    from pyspark.ml import Pipeline
    from sparknlp.annotator import (
        BertForTokenClassification,
        NerConverter,
        RegexTokenizer,
        TextMatcher,
    )
    from sparknlp.base import DocumentAssembler
    from sparknlp.common import ReadAs

    document = DocumentAssembler().setInputCol("text").setOutputCol("document")
    token = (
        RegexTokenizer()
        .setInputCols(["document"])
        .setOutputCol("token")
        .setPattern(JAVA_BOUNDARY)
        .setToLowercase(False)
        .setPositionalMask(False)
    )
    ner = (
        BertForTokenClassification.loadSavedModel(str(folder), spark)
        .setInputCols(["document", "token"])
        .setOutputCol("ner")
        .setCaseSensitive(False)
        .setMaxSentenceLength(_PIECES)
        .setBatchSize(batch)
    )
    chunk = NerConverter().setInputCols(["document", "token", "ner"]).setOutputCol(NER_COLUMN)
    place = (
        TextMatcher()
        .setInputCols(["document", "token"])
        .setOutputCol(PLACE_COLUMN)
        .setEntities(str(GAZETTEER), ReadAs.TEXT)
        .setCaseSensitive(True)
        .setEntityValue("LOCATION")
        .setMergeOverlapping(True)
    )
    stages = [document, token, ner, chunk, place]
    return Pipeline(stages=stages).fit(spark.createDataFrame([("",)], "text string"))
