"""Test the selection of words for the text layer of a cleaned page."""

from __future__ import annotations

import pytest

from safelight.documents.pdf.page_text import PageText
from safelight.documents.pdf.text_layer import PageWord, sort_reading_order, visible_words
from safelight.pixels.geometry import Box


def page_text(text: str, engine: str) -> PageText:
    boxes = tuple(None if c == " " else Box(20 * i, 10, 18, 30) for i, c in enumerate(text))
    return PageText(0, text, boxes, engine)


@pytest.mark.parametrize(
    ("layer", "ocr", "visible"),
    [
        pytest.param("Liver normal", "Liver normal", ["Liver", "normal"], id="equal"),
        pytest.param("Liver normal", "Llver norma1", ["Liver", "normal"], id="OCR errors"),
        pytest.param("Secret words", "Liver normal", ["Liver", "normal"], id="other text visible"),
        pytest.param("Secret words", "", [], id="no text visible"),
        pytest.param("", "Liver normal", ["Liver", "normal"], id="no text layer"),
    ],
)
def test_only_visible_words_are_selected(layer: str, ocr: str, visible: list[str]) -> None:
    texts = [page_text(text, engine) for text, engine in ((layer, "layer"), (ocr, "ocr")) if text]
    assert [word.text for word in visible_words(texts, [])] == visible


def test_a_masked_word_is_not_selected() -> None:
    words = visible_words([page_text("Liver normal", "ocr")], [Box(0, 0, 100, 50)])
    assert [word.text for word in words] == ["normal"]


def test_words_are_sorted_by_line_and_then_from_left_to_right() -> None:
    words = [
        PageWord("d", Box(50, 42, 10, 10)),
        PageWord("b", Box(50, 2, 10, 10)),
        PageWord("a", Box(0, 4, 10, 10)),
        PageWord("c", Box(0, 40, 10, 10)),
    ]
    assert [word.text for word in sort_reading_order(words)] == ["a", "b", "c", "d"]
