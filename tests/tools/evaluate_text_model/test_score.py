from __future__ import annotations

from safelight.records import Span
from tools.evaluate_text_model.score import Score, add_document
from tools.train_text_model.templates import Document, Gold

DOCUMENT = Document("Ann Lee, 2019-03-12, fever", (Gold(0, 7, "NAME"), Gold(9, 19, "DATE")), "x")


def test_a_half_hidden_entity_is_not_found() -> None:
    score = Score()
    add_document(score, DOCUMENT, [Span(0, 3, "NAME", "ner"), Span(9, 19, "DATE", "regex")])
    assert score.recall == 0.5
    assert score.precision == 1.0


def test_a_hidden_word_costs_precision() -> None:
    score = Score()
    add_document(score, DOCUMENT, [Span(0, 19, "NAME", "ner"), Span(21, 26, "NAME", "ner")])
    assert score.recall == 1.0
    assert score.precision == 0.5
    assert score.labelled["NAME"] == 1 and score.labelled["DATE"] == 0


def test_alarms_count_documents() -> None:
    score = Score()
    add_document(
        score, Document("fever", (), "x"), [Span(0, 5, "NAME", "ner"), Span(1, 2, "ID", "ner")]
    )
    add_document(score, Document("cough", (), "x"), [])
    assert (score.alarms, score.documents) == (1, 2)
