from __future__ import annotations

from nlp_pipelines.load import SHIPPED_MODEL
from nlp_pipelines.model_labels import LABELS


def test_labels_are_those_of_the_shipped_model() -> None:
    lines = (SHIPPED_MODEL / "assets" / "labels.txt").read_text("utf-8").split()
    assert tuple(lines) == LABELS
