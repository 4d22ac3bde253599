"""Clean a PDF: write a new document of masked page pictures with a text layer.

A PDF can hide text in many places: behind a black box, outside the page, in white, in the glyph
order of a font, in metadata, form fields, annotations, attachments, thumbnails, scripts and older
revisions. No object of the old file is copied, so none of them has to be found. Each page is
rendered, its text is read from the text layer and by OCR, and PHI is masked in the picture. The
pictures are the pages of the new document. Behind each picture is an invisible text layer of the
visible words and the replacements, so that the document can be searched and copied from.

Libraries considered: PyMuPDF edits content in place and is AGPL. pikepdf (MPL-2.0) and pypdf
(BSD) give access to objects but not to glyph positions. pdfminer.six (MIT) has glyph positions
but does not render. PDFium can edit page objects, but a text object is usually a whole line, and
text in forms, patterns and glyph names would remain from the old file. pypdfium2 (Apache-2.0 or
BSD-3-Clause, as the PDFium that it contains) renders pages and returns the box of each character;
no library is needed to write pictures and words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from safelight.documents.pdf.page_rendering import open_pdf, refuse, render_pages
from safelight.documents.pdf.page_text import TEXT_LAYER, PageText, page_texts_from_ocr
from safelight.documents.pdf.raster_writer import RasterPage, write_raster_pdf
from safelight.documents.pdf.text_layer import PageWord, sort_reading_order, visible_words
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import TextReader
from safelight.records import Finding, Reason, Refusal, Span

#: Replacements that do not fit at this type size are not drawn, because they are not legible.
_MIN_TYPE_PIXELS = 8.0
_LOCATION = "(0042,0011)"


@dataclass(frozen=True)
class PdfScan:
    """All texts of a document with their positions. HOLDS PHI; picklable."""

    pages: int
    page_texts: tuple[PageText, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Distinct texts that a text model must annotate."""
        return tuple(dict.fromkeys(p.text for p in self.page_texts if p.text.strip()))


def scan_pdf(data: bytes, reader: TextReader) -> PdfScan:
    """Read all text from the text layer and, by OCR, from the rendered pages.

    Parameters
    ----------
    data : bytes
        The document.
    reader : TextReader
        OCR engine.

    Raises
    ------
    Refusal
        If the document cannot be opened or has too many pages.
    """
    page_texts: list[PageText] = []
    pages = 0
    for page in render_pages(data):
        pages += 1
        page_texts.append(page.text)
        page_texts += page_texts_from_ocr(page.number, reader.read(page.picture), reader.name)
    return PdfScan(pages, tuple(page_texts))


def clean_pdf(
    data: bytes,
    scan: PdfScan,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    reader: TextReader,
) -> CleanedDocument:
    """Return a new document without PHI.

    Parameters
    ----------
    data : bytes
        The document that was scanned.
    scan : PdfScan
        Result of :func:`scan_pdf`.
    spans : mapping
        PHI spans of each text in ``scan.texts``.
    cleaner : TextCleaner
    reader : TextReader
        OCR engine that checks each new page for known values.

    Raises
    ------
    Refusal
        If a text was not annotated, or a known value remains in the new document.
    """
    findings: list[Finding] = []
    pages = []
    for page in render_pages(data):
        masks: list[tuple[Box, str]] = []
        page_texts = [p for p in scan.page_texts if p.page == page.number and p.text.strip()]
        for page_text in page_texts:
            masks += _find_masks(page_text, spans, cleaner, findings)
        boxes = [box for box, _ in masks]
        replacements = _replacement_words(masks)
        picture = _mask_page(page.picture, boxes, replacements)
        _check_page(page.number, picture, cleaner, reader)
        words = [*visible_words(page_texts, boxes), *replacements]
        pages.append(RasterPage(picture, page.width, page.height, sort_reading_order(words)))
    new = write_raster_pdf(pages)
    _check_text_layer(new, cleaner)
    return CleanedDocument(new, tuple(findings))


def _find_masks(
    page_text: PageText,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    findings: list[Finding],
) -> list[tuple[Box, str]]:
    """Return the boxes to mask, each with its replacement text, and add to the findings.

    Only the first box of a span has a replacement text; it is empty for the others.
    """
    if page_text.text not in spans:
        raise Refusal(
            Reason.TEXT_NOT_CLEANED,
            "a text of the encapsulated PDF was not annotated; run with the text stage on",
        )
    is_ocr = page_text.engine != TEXT_LAYER
    known = cleaner.known.find(page_text.text, fuzzy=is_ocr)
    masks: list[tuple[Box, str]] = []
    for replacement in cleaner.replacements(page_text.text, [*known, *spans[page_text.text]]):
        applied = replacement.applied
        if applied.action == "keep":
            continue
        boxes = page_text.boxes_of(replacement.span.begin, replacement.span.end)
        masks += [(box, replacement.new if index == 0 else "") for index, box in enumerate(boxes)]
        findings.append(
            Finding(
                _LOCATION, applied.entity, applied.engine, applied.confidence,
                applied.text_hmac, boxes[0] if boxes else None, page_text.page,
            )
        )  # fmt: skip
    return masks


def _replacement_words(masks: list[tuple[Box, str]]) -> list[PageWord]:
    """Return the replacements to draw.

    The text layer and OCR find the same PHI, so only the first of overlapping boxes is used.
    """
    words: list[PageWord] = []
    for box, new in masks:
        if new.strip() and not any(box.intersects(word.box) for word in words):
            words.append(PageWord(" ".join(new.split()), box))
    return words


def _mask_page(
    picture: Picture, masked: Sequence[Box], replacements: Sequence[PageWord]
) -> Picture:
    """Return the page with white boxes, and with the replacements that fit into them."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for x, y, width, height in masked:
        draw.rectangle((x, y, x + width - 1, y + height - 1), fill="white", outline="gray")
    for word in replacements:
        if word.text.isascii():
            x, y, width, height = word.box
            size = 0.6 * height
            length = draw.textlength(word.text, ImageFont.load_default(size))
            size *= min(1.0, (width - 4) / max(1.0, length))
            if size >= _MIN_TYPE_PIXELS:
                font = ImageFont.load_default(size)
                position = (x + 2, y + height / 2)
                draw.text(position, word.text, fill="black", font=font, anchor="lm")
    return np.asarray(image)


def _check_page(number: int, picture: Picture, cleaner: TextCleaner, reader: TextReader) -> None:
    """Refuse the document if OCR still finds a known value on a new page."""
    for page_text in page_texts_from_ocr(number, reader.read(picture), reader.name):
        if any(map(cleaner.is_replaced, cleaner.known.find(page_text.text))):
            raise refuse(f"still shows a known value on page {number + 1} after cleaning")


def _check_text_layer(data: bytes, cleaner: TextCleaner) -> None:
    """Refuse the document if its new text layer contains a known value."""
    with open_pdf(data) as document:
        for number, page in enumerate(document):
            text = page.get_textpage().get_text_range()
            if any(map(cleaner.is_replaced, cleaner.known.find(text))):
                raise refuse(
                    f"still contains a known value in the text of page {number + 1} after cleaning"
                )
