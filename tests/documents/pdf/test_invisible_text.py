"""Test text that can be searched and copied but is not drawn."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest

from safelight.documents.pdf.invisible_text import InvisibleFonts
from safelight.documents.pdf.raster_writer import RasterPage, write_raster_pdf
from safelight.documents.pdf.text_layer import PageWord
from safelight.pixels.geometry import Box


def document_of(words: list[PageWord]) -> pypdfium2.PdfDocument:
    page = RasterPage(np.full((200, 300, 3), 255, np.uint8), 300, 200, words)
    return pypdfium2.PdfDocument(write_raster_pdf([page]))


def words_of(text: str) -> list[PageWord]:
    return [PageWord(part, Box(10, 10 + 40 * i, 200, 30)) for i, part in enumerate(text.split())]


@pytest.mark.parametrize("text", ["Größe", "患者 名前", "Ελλάδα", "𝒜b", "a" * 300, "x(y)\\z"])
def test_any_character_can_be_read_back(text: str) -> None:
    found = document_of(words_of(text))[0].get_textpage().get_text_range()
    assert found.split() == text.split()


def test_the_text_is_not_drawn() -> None:
    picture = np.asarray(document_of(words_of("Größe 5 cm"))[0].render().to_pil())
    assert picture.min() == 255


def test_text_with_more_characters_than_one_font_has_several_fonts() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 600)))
    assert InvisibleFonts([text]).count == 3
    found = document_of([PageWord(text, Box(0, 0, 9, 9))])[0].get_textpage().get_text_range()
    assert "".join(found.split()) == text
