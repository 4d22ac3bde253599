from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.language import is_mostly_foreign_text
from tools.evaluate_text_model.languages import (
    LANGUAGES,
    count,
    format_row,
    is_hidden,
    read_documents,
)
from tools.train_text_model.templates import Document, Gold


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "number"), [("mended", 8), ("halves", 14), ("fresh", 6)])
def test_documents_are_foreign_and_marked(name: str, number: int, language: str) -> None:
    documents = read_documents(name, language)
    assert len(documents) == number
    for document in documents:
        assert "[[" not in document.text
        assert (
            document.kind.endswith("-b") or name == "fresh" or is_mostly_foreign_text(document.text)
        )
        assert all(document.text[one.begin : one.end].strip() for one in document.spans)


@pytest.mark.parametrize(
    ("label", "begin", "expected"), [("NAME", 4, True), ("NAME", 5, False), ("ID", 4, False)]
)
def test_a_title_inside_of_a_name_may_remain(label: str, begin: int, expected: bool) -> None:
    span = Span(begin, 9, "NAME", "regex", 1.0)
    assert is_hidden("Dr. Ostuni"[:9], Gold(0, 9, label), [span]) is expected


def test_counts_and_row() -> None:
    document = Document("Frau Quast am 1.2.2022", (Gold(5, 10, "NAME"), Gold(14, 22, "DATE")), "")
    spans = [Span(5, 10, "NAME", "ner", 1.0), Span(11, 13, "NAME", "ner", 1.0)]
    counts = count([document], [spans])
    assert (counts["NAME hidden"], counts["DATE hidden"], counts["right"]) == (1, 0, 1)
    assert (
        format_row("de", "first", counts) == "| de | first | 0.500 | 0.500 | NAME 1/1, DATE 0/1 |"
    )
