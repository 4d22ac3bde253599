from __future__ import annotations

from nlp_pipelines.build import GAZETTEER, NER_COLUMN, PLACE_COLUMN
from nlp_pipelines.load import load_pipeline


def test_the_pipeline_writes_the_chunks_of_model_and_gazetteer(spark: object) -> None:
    frame = spark.createDataFrame([("seen in Duluth by Anna Kowalczyk",)], "text string")  # type: ignore[attr-defined]
    row = load_pipeline(spark).transform(frame).collect()[0]  # type: ignore[arg-type]
    assert [chunk.result for chunk in row[NER_COLUMN]]
    assert all(chunk.result for chunk in row[PLACE_COLUMN])


def test_the_gazetteer_is_a_list_of_places() -> None:
    assert "Honduras" in GAZETTEER.read_text("utf-8").split("\n")
