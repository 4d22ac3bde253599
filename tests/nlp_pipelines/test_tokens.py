from __future__ import annotations

import pytest

from nlp_pipelines.text_windows import split_windows
from nlp_pipelines.tokens import JAVA_BOUNDARY, tokenize


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SMITH^JOHN", ["SMITH", "^", "JOHN"]),
        ("LAST_FIRST", ["LAST", "_", "FIRST"]),
        ("DOB:03/04", ["DOB", ":", "03", "/", "04"]),
        ("Zoe\u0308 5°C", ["Zoe\u0308", "5", "°", "C"]),
        ("", []),
    ],
)
def test_text_is_split_at_every_separator(text: str, expected: list[str]) -> None:
    assert [text[begin:end] for begin, end in tokenize(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mrs. Kowalczyk (MRN: 00482913)",
        "SMITH^JOHN_x/y  E11.9 don't\u00a0“q” 5°C ½ ٣ 漢字\x07b\tc\r\nd",
    ],
)
def test_spark_nlp_makes_the_same_tokens(spark: object, text: str) -> None:
    from pyspark.ml import Pipeline
    from sparknlp.annotator import RegexTokenizer
    from sparknlp.base import DocumentAssembler, LightPipeline

    stages = [
        DocumentAssembler().setInputCol("text").setOutputCol("document"),
        RegexTokenizer().setInputCols(["document"]).setOutputCol("token")
        .setPattern(JAVA_BOUNDARY).setPositionalMask(False),
    ]  # fmt: skip
    empty = spark.createDataFrame([("",)], "text string")  # type: ignore[attr-defined]
    light = LightPipeline(Pipeline(stages=stages).fit(empty))
    [window] = split_windows(text)
    tokens = light.fullAnnotate(window.text)[0]["token"]
    assert [(t.begin, t.end + 1) for t in tokens] == tokenize(window.text)
