"""Test the writer of PDF files that hold pictures."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest

from safelight.documents.pdf.raster_writer import RasterPage, write_raster_pdf
from safelight.documents.pdf.text_layer import PageWord
from safelight.pixels.geometry import Box


def test_pages_have_their_size_and_picture() -> None:
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[:, :15] = (255, 0, 0)
    data = write_raster_pdf([RasterPage(picture, 30, 20)])
    page = pypdfium2.PdfDocument(data)[0]
    assert page.get_size() == (30, 20)
    assert (np.asarray(page.render().to_pil().convert("RGB")) == picture).all()


def test_a_large_photograph_is_written_as_jpeg() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)
    assert b"/DCTDecode" in write_raster_pdf([RasterPage(noise, 72, 72)])


def test_the_document_has_no_metadata() -> None:
    data = write_raster_pdf([RasterPage(np.zeros((9, 9, 3), np.uint8), 9, 9)])
    assert pypdfium2.PdfDocument(data).get_metadata_dict(skip_empty=True) == {}


@pytest.mark.parametrize(
    ("words", "has_font"), [((), False), ((PageWord("a", Box(0, 0, 9, 9)),), True)]
)
def test_fonts_are_written_only_for_words(words: tuple[PageWord, ...], has_font: bool) -> None:
    data = write_raster_pdf([RasterPage(np.zeros((9, 9, 3), np.uint8), 9, 9, words)])
    assert (b"/Font" in data) is has_font
