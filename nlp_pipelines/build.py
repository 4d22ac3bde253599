"""Build the Spark NLP pipeline: from a window of text to chunks of the model and the gazetteer.

Patterns (dates, identifiers, contacts, field labels) are not stages of the pipeline.
:mod:`nlp_pipelines.annotate` applies them to the whole text instead
(:func:`safelight.text.recognizers.patterns.find_patterns`). A RegexMatcher stage would find the
same candidates, but:

- check digits and calendar dates would still have to be checked in Python afterwards;
- the same patterns must apply to text that Spark never receives (headers, pixels, fields);
- a window may separate a label from its value;
- the stage tries every expression at every character and takes 25 times as long
  (benchmarks/results/text.md), while :mod:`safelight.text.recognizers.pattern_windows` searches
  only around digits and labels.

An EntityRuler supports phrases and expressions as well, but no look-behind for labels.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from nlp_pipelines.plain_paths import plain_paths
from nlp_pipelines.tokens import JAVA_BOUNDARY

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel
    from pyspark.sql import SparkSession

GAZETTEER = Path(str(resources.files("safelight.text.lexicon"))) / "lists" / "places.txt"
NER_COLUMN = "ner_chunk"
PLACE_COLUMN = "place_chunk"

#: Maximum pieces of a BERT input; :mod:`nlp_pipelines.text_windows` makes shorter windows.
_MAX_PIECES = 512


def build_pipeline(spark: SparkSession, folder: Path, batch: int = 8) -> PipelineModel:
    """Build a pipeline that annotates windows of text.

    Its stages are DocumentAssembler, RegexTokenizer, BertForTokenClassification, NerConverter and
    TextMatcher.

    Parameters
    ----------
    spark : SparkSession
        Session with the Spark NLP jar on its class path.
    folder : Path
        Model folder: ``model.onnx``, ``assets/vocab.txt``, ``assets/labels.txt``.
    batch : int
        Number of windows that the model reads at once.

    Returns
    -------
    PipelineModel
        Reads the column ``text`` (one window) and writes `NER_COLUMN` and `PLACE_COLUMN`.
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
    with plain_paths(folder, GAZETTEER) as (model, gazetteer):
        ner = (
            BertForTokenClassification.loadSavedModel(str(model), spark)
            .setInputCols(["document", "token"])
            .setOutputCol("ner")
            .setCaseSensitive(False)
            .setMaxSentenceLength(_MAX_PIECES)
            .setBatchSize(batch)
        )
        chunk = NerConverter().setInputCols(["document", "token", "ner"]).setOutputCol(NER_COLUMN)
        place = (
            TextMatcher()
            .setInputCols(["document", "token"])
            .setOutputCol(PLACE_COLUMN)
            .setEntities(str(gazetteer), ReadAs.TEXT)
            .setCaseSensitive(True)
            .setEntityValue("LOCATION")
            .setMergeOverlapping(True)
        )
        stages = [document, token, ner, chunk, place]
        return Pipeline(stages=stages).fit(spark.createDataFrame([("",)], "text string"))
