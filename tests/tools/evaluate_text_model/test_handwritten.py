"""The notes written by hand: their marks, and that no training template was copied from them."""

from __future__ import annotations

import re

import pytest

from nlp_pipelines.model_labels import ENTITIES
from safelight.records import Span
from tools.evaluate_text_model.handwritten import SETS, Handwritten, count_roles, read_handwritten
from tools.train_text_model.dataset import TEMPLATES
from tools.train_text_model.templates import Document, Gold


@pytest.mark.parametrize("name", SETS)
def test_marks_are_read(name: str) -> None:
    texts = read_handwritten(name)
    assert len(texts) > 30
    for text in texts:
        document = text.document
        assert "[[" not in document.text and "]]" not in document.text
        assert len(text.roles) == len(document.spans)
        for span in document.spans:
            assert span.label in ENTITIES
            assert document.text[span.begin : span.end].strip()
    assert sum(not text.document.spans for text in texts) > 5


def test_no_phrase_of_theirs_is_a_training_template() -> None:
    grams = set()
    for path in TEMPLATES.glob("*.txt"):
        for line in path.read_text("utf-8").splitlines():
            words = re.findall(r"[a-z]+", re.sub(r"\{\w+\}", " 0 ", line.lower()))
            grams |= {tuple(words[i : i + 7]) for i in range(len(words) - 6)}
    for name in SETS:
        for text in read_handwritten(name):
            words = re.findall(r"[a-z]+", text.document.text.lower())
            shared = {tuple(words[i : i + 7]) for i in range(len(words) - 6)} & grams
            assert not shared


def test_whose_name_it_is_is_counted() -> None:
    document = Document("Ann, Bob", (Gold(0, 3, "NAME"), Gold(5, 8, "NAME")), "x")
    text = Handwritten(document, ("PATIENT", "CLINICIAN"))
    spans = [Span(0, 3, "NAME", "ner", 1.0, "PATIENT"), Span(5, 8, "NAME", "ner")]
    assert count_roles([text], [spans]) == {"right": 1, "wrong": 0, "open": 1}
