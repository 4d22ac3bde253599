"""Render the pages of a PDF and read their text layers by PDFium, each page in a child process.

PDFium is written in C++. A document of two kilobytes, whose forms name each other, takes gigabytes
or ends the process. In a child process it costs only its own document.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from safelight.child_process import run_in_child_process
from safelight.documents.pdf.page_text import TEXT_LAYER, PageText
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.records import Reason, Refusal

T = TypeVar("T")

#: Dots per inch of the rendered pages; type of 10 points is 28 pixels high.
RENDER_DPI = 200
_MAX_PAGE_PIXELS = 16_000_000
_MAX_PAGES = 500
_POINTS_PER_INCH = 72

#: Time and memory of one page. The largest page takes 200 MB.
PAGE_SECONDS = 120.0
PAGE_MEMORY_BYTES = 1 << 30

#: Reasons of a child that has ended without an answer.
_ENDED = (Reason.OBJECT_TIMEOUT, Reason.OBJECT_MEMORY, Reason.DECODER_CRASH)


@dataclass(frozen=True)
class RenderedPage:
    """One page. HOLDS PHI.

    Attributes
    ----------
    number : int
        Counted from 0.
    picture : ndarray of uint8
        The page in RGB, without annotations and form fields.
    width, height : float
        Size in points.
    text : PageText
        The page's own text, including hidden text, with the box of each character.
    """

    number: int
    picture: Picture
    width: float
    height: float
    text: PageText


def render_pages(data: bytes) -> Iterator[RenderedPage]:
    """Yield the pages of a document.

    Parameters
    ----------
    data : bytes
        The document.

    Raises
    ------
    Refusal
        ``ENCAPSULATED_DOCUMENT`` if the document cannot be opened, has too many pages, or needs too
        much time or memory.
    """
    for number in range(_run_limited(partial(_count_pages, data))):
        yield _run_limited(partial(_render_page, data, number))


def _run_limited(function: Callable[[], T]) -> T:
    """Return the result of a function of PDFium, which runs in a child process."""
    if not hasattr(os, "fork"):
        return function()
    try:
        return run_in_child_process(function, PAGE_SECONDS, PAGE_MEMORY_BYTES)
    except Refusal as refusal:
        if refusal.reason in _ENDED:
            raise refuse("needs too much time or memory, or ends PDFium") from None
        raise


@contextmanager
def open_pdf(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a document in this process, and convert the errors of PDFium to refusals.

    Parameters
    ----------
    data : bytes
        A document that this software has written, or any document in a child process.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise refuse("cannot be opened: it is damaged or needs a password") from None
    try:
        if not 0 < len(document) <= _MAX_PAGES:
            raise refuse(f"has {len(document)} pages, not 1 to {_MAX_PAGES}")
        yield document
    except pypdfium2.PdfiumError:
        raise refuse("cannot be read: one of its pages is damaged") from None
    finally:
        document.close()


def refuse(problem: str) -> Refusal:
    """Return the refusal of a document.

    Parameters
    ----------
    problem : str
        Rest of a sentence whose subject is the document. No PHI.
    """
    sentence = f"the encapsulated PDF {problem}; review it manually, or let the rules remove it"
    return Refusal(Reason.ENCAPSULATED_DOCUMENT, sentence)


def _count_pages(data: bytes) -> int:
    with open_pdf(data) as document:
        return len(document)


def _render_page(data: bytes, number: int) -> RenderedPage:
    with open_pdf(data) as document:
        page = document[number]
        width, height = page.get_size()
        scale = RENDER_DPI / _POINTS_PER_INCH
        if width * height * scale * scale > _MAX_PAGE_PIXELS:
            scale = (_MAX_PAGE_PIXELS / (width * height)) ** 0.5
        bitmap = page.render(
            scale=scale, may_draw_forms=False, draw_annots=False, rev_byteorder=True
        )
        picture = np.array(bitmap.to_numpy()[..., :3], dtype=np.uint8, copy=True)
        text = _read_text_layer(number, page, bitmap.get_posconv(page), picture)
        return RenderedPage(number, picture, width, height, text)


def _box_on_page(corners: tuple[tuple[int, int], tuple[int, int]], picture: Picture) -> Box | None:
    """Return the box between two corners, clipped to the page; ``None`` if it is outside."""
    rows, columns = picture.shape[:2]
    xs, ys = sorted((corners[0][0], corners[1][0])), sorted((corners[0][1], corners[1][1]))
    left, right = max(0, xs[0]), min(columns, max(xs[1], xs[0] + 1))
    top, bottom = max(0, ys[0]), min(rows, max(ys[1], ys[0] + 1))
    return Box(left, top, right - left, bottom - top) if left < right and top < bottom else None


def _read_text_layer(
    number: int, page: pypdfium2.PdfPage, converter: pypdfium2.PdfPosConv, picture: Picture
) -> PageText:
    """Return the page's own text, including hidden text, with the box of each character."""
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
        corners = (converter.to_bitmap(left, top), converter.to_bitmap(right, bottom))
        boxes.append(_box_on_page(corners, picture))
    return PageText(number, "".join(characters), tuple(boxes), TEXT_LAYER)
