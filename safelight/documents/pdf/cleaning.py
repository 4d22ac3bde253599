"""Clean a PDF by making it anew out of pictures of its pages, with the cleaned text behind them.

A PDF can hide text in more places than anyone lists: behind a black box, outside the page,
in white, in a font's own order of glyphs, in metadata, form fields, annotations, attachments,
thumbnails, scripts, older revisions. So nothing of the old file is carried over. Every page
is rendered, its text is found in the text layer and by character recognition, what identifies
is overwritten in the picture, and the pictures are the new document. Behind each picture stands,
as text that is not drawn, what the picture shows: words that were seen and are not hidden, and
what took the place of the others. So the document can be searched and copied from as before.

Of the libraries for it, PyMuPDF edits content in place and is AGPL, pikepdf (MPL-2.0) and pypdf
(BSD) give access to objects but know no glyph positions, pdfminer.six (MIT) knows them but
cannot render. PDFium can edit page objects, but a text object is a whole line as a rule, and what
stands in forms, patterns and glyph names would still be the old file's. pypdfium2 (Apache-2.0 or
BSD-3-Clause, as the PDFium that it carries) renders and gives the box of each character; writing
pictures and words needs no library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont

from safelight.documents.pdf.page_text import PageText, page_texts_from_ocr
from safelight.documents.pdf.raster_writer import RasterPage, write_raster_pdf
from safelight.documents.pdf.text_layer import PageWord, sort_reading_order, visible_words
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import TextReader
from safelight.records import Finding, Reason, Refusal, Span

RESOLUTION = 200  # dots an inch: 10 point type is then 28 pixels high
_LARGEST_PAGE = 16_000_000  # pixels
_MOST_PAGES = 500
_POINTS_PER_INCH = 72
_SMALLEST_TYPE = 8.0  # pixels; below it nobody can read what is written


@dataclass(frozen=True)
class PdfScan:
    """All text of a document with its places. HOLDS PHI; picklable."""

    pages: int
    passages: tuple[PageText, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """What a text model should see."""
        return tuple(dict.fromkeys(p.text for p in self.passages if p.text.strip()))


@contextmanager
def _opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise _refusal("cannot be opened: it is damaged or asks for a password") from None
    try:
        if not 0 < len(document) <= _MOST_PAGES:
            raise _refusal(f"has {len(document)} pages; 1 to {_MOST_PAGES} are cleaned")
        yield document
    except pypdfium2.PdfiumError:
        raise _refusal("cannot be read: a page of it is damaged") from None
    finally:
        document.close()


def _refusal(what: str) -> Refusal:
    sentence = f"the encapsulated PDF {what}; review it by hand, or let the rules remove it"
    return Refusal(Reason.ENCAPSULATED_DOCUMENT, sentence)


def _rendered(page: pypdfium2.PdfPage) -> tuple[Picture, pypdfium2.PdfPosConv]:
    """The page as it is printed, without annotations and form fields; RGB."""
    width, height = page.get_size()
    scale = RESOLUTION / _POINTS_PER_INCH
    if width * height * scale * scale > _LARGEST_PAGE:
        scale = (_LARGEST_PAGE / (width * height)) ** 0.5
    bitmap = page.render(scale=scale, may_draw_forms=False, draw_annots=False, rev_byteorder=True)
    picture = np.array(bitmap.to_numpy()[..., :3], dtype=np.uint8, copy=True)
    return picture, bitmap.get_posconv(page)


def _on_page(corners: tuple[tuple[int, int], tuple[int, int]], picture: Picture) -> Box | None:
    """The box between two corners, cut to the page; ``None`` for what stands beside it."""
    rows, columns = picture.shape[:2]
    xs, ys = sorted((corners[0][0], corners[1][0])), sorted((corners[0][1], corners[1][1]))
    left, right = max(0, xs[0]), min(columns, max(xs[1], xs[0] + 1))
    top, bottom = max(0, ys[0]), min(rows, max(ys[1], ys[0] + 1))
    return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None


def _layer(
    number: int, page: pypdfium2.PdfPage, place: pypdfium2.PdfPosConv, picture: Picture
) -> PageText:
    """The page's own text, hidden text included, with the place of each character."""
    characters: list[str] = []
    boxes: list[Box | None] = []
    layer = page.get_textpage()
    for index in range(layer.count_chars()):
        code = pdfium.FPDFText_GetUnicode(layer, index)
        character = chr(code) if code and not 0xD800 <= code < 0xE000 else "\ufffd"
        characters.append(character)
        if character.isspace():
            boxes.append(None)
            continue
        left, bottom, right, top = layer.get_charbox(index)
        corners = (place.to_bitmap(left, top), place.to_bitmap(right, bottom))
        boxes.append(_on_page(corners, picture))
    return PageText(number, "".join(characters), tuple(boxes), "layer")


def scan_pdf(data: bytes, reader: TextReader) -> PdfScan:
    """Find all text: in the text layer and, by character recognition, in the rendered pages.

    Raises
    ------
    Refusal
        If the document cannot be opened or is too long.
    """
    passages: list[PageText] = []
    with _opened(data) as document:
        for number, page in enumerate(document):
            picture, place = _rendered(page)
            passages.append(_layer(number, page, place, picture))
            passages += page_texts_from_ocr(number, reader.read(picture), reader.name)
        return PdfScan(len(document), tuple(passages))


def clean_pdf(
    data: bytes,
    scan: PdfScan,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    reader: TextReader,
) -> CleanedDocument:
    """Make the document anew without what identifies.

    Parameters
    ----------
    data : bytes
        The same document that was scanned.
    scan : PdfScan
    spans : mapping
        PHI of each of ``scan.texts``.
    cleaner : TextCleaner
    reader : TextReader
        Reads each new page again: what is known of the patient must not be found any more.

    Raises
    ------
    Refusal
        If a text was not annotated, or a known value is still there afterwards.
    """
    findings: list[Finding] = []
    pages = []
    with _opened(data) as document:
        for number, page in enumerate(document):
            picture, _ = _rendered(page)
            hidden: list[tuple[Box, str]] = []
            passages = [p for p in scan.passages if p.page == number and p.text.strip()]
            for passage in passages:
                hidden += _hide(passage, spans, cleaner, findings)
            news = _news(hidden)
            picture = _drawn(picture, [box for box, _ in hidden], news)
            _prove(number, picture, cleaner, reader)
            words = [*visible_words(passages, [box for box, _ in hidden]), *news]
            width, height = page.get_size()
            pages.append(RasterPage(picture, width, height, sort_reading_order(words)))
    new = write_raster_pdf(pages)
    _prove_text(new, cleaner)
    return CleanedDocument(new, tuple(findings))


def _hide(
    passage: PageText,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    findings: list[Finding],
) -> list[tuple[Box, str]]:
    """The boxes to hide and what is written there instead; empty for all but a span's first."""
    if passage.text not in spans:
        raise Refusal(
            Reason.TEXT_NOT_CLEANED,
            "a text of the encapsulated PDF was not annotated; run with the text stage on",
        )
    fuzzy = passage.engine != "layer"
    found = cleaner.known.find(passage.text, fuzzy=fuzzy)
    hidden: list[tuple[Box, str]] = []
    for one in cleaner.replacements(passage.text, [*found, *spans[passage.text]]):
        done = one.applied
        if done.action == "keep":
            continue
        boxes = passage.cover(one.span.begin, one.span.end)
        hidden += [(box, one.new if index == 0 else "") for index, box in enumerate(boxes)]
        findings.append(
            Finding(
                "(0042,0011)", done.entity, done.engine, done.confidence, done.text_hmac,
                boxes[0] if boxes else None, passage.page,
            )
        )  # fmt: skip
    return hidden


def _news(hidden: list[tuple[Box, str]]) -> list[PageWord]:
    """What stands in place of what is hidden: text layer and recognition find the same words."""
    news: list[PageWord] = []
    for box, new in hidden:
        if new.strip() and not any(box.intersects(word.box) for word in news):
            news.append(PageWord(" ".join(new.split()), box))
    return news


def _drawn(picture: Picture, hidden: Sequence[Box], news: Sequence[PageWord]) -> Picture:
    """The page with white boxes over what is hidden, and the new text in those that it fits."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for x, y, width, height in hidden:
        draw.rectangle((x, y, x + width - 1, y + height - 1), fill="white", outline="gray")
    for word in news:
        if word.text.isascii():
            x, y, width, height = word.box
            size = 0.6 * height
            length = draw.textlength(word.text, ImageFont.load_default(size))
            size *= min(1.0, (width - 4) / max(1.0, length))
            if size >= _SMALLEST_TYPE:
                font = ImageFont.load_default(size)
                place = (x + 2, y + height / 2)
                draw.text(place, word.text, fill="black", font=font, anchor="lm")
    return np.asarray(image)


def _prove(number: int, picture: Picture, cleaner: TextCleaner, reader: TextReader) -> None:
    """Read the new page and look for what is known of the patient."""
    for passage in page_texts_from_ocr(number, reader.read(picture), reader.name):
        if any(map(cleaner.is_replaced, cleaner.known.find(passage.text))):
            raise _refusal(f"still shows a known value on page {number + 1} after cleaning")


def _prove_text(data: bytes, cleaner: TextCleaner) -> None:
    """Read the text of the new document, and look for what is known of the patient."""
    with _opened(data) as document:
        for number, page in enumerate(document):
            text = page.get_textpage().get_text_range()
            if any(map(cleaner.is_replaced, cleaner.known.find(text))):
                raise _refusal(f"still says a known value on page {number + 1} after cleaning")
