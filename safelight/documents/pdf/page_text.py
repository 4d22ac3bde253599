"""Text of a page with the position of each character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.line_merging import group_blocks

#: ``PageText.engine`` of the document's own text.
TEXT_LAYER = "layer"
#: Margin of a mask as a share of the text height; it covers ascenders and accents.
_MASK_MARGIN_SHARE = 0.2


@dataclass(frozen=True)
class PageText:
    """A text of one page. HOLDS PHI.

    Attributes
    ----------
    page : int
        Index of the page, from 0.
    text : str
    boxes : tuple of Box or None
        Box of each character in pixels of the rendered page; ``None`` for characters without
        ink.
    engine : str
        ``TEXT_LAYER`` for the document's own text, else the OCR engine.
    """

    page: int
    text: str
    boxes: tuple[Box | None, ...]
    engine: str

    def __post_init__(self) -> None:
        if len(self.boxes) != len(self.text):
            raise ValueError(f"{len(self.boxes)} boxes for {len(self.text)} characters")

    def boxes_of(self, begin: int, end: int) -> list[Box]:
        """Return boxes that cover the characters ``begin`` to ``end``, one box a line.

        Parameters
        ----------
        begin, end : int
            Code point offsets in ``text``, half open.

        Returns
        -------
        list of Box
            Boxes in pixels of the rendered page, with a margin; empty if no character has ink.
        """
        lines: list[list[Box]] = []
        is_new_line = True
        for character, box in zip(self.text[begin:end], self.boxes[begin:end], strict=True):
            if character in "\r\n":
                is_new_line = True
            elif box is not None:
                if is_new_line or not _is_same_line(lines[-1][-1], box):
                    lines.append([])
                    is_new_line = False
                lines[-1].append(box)
        return [_union_with_margin(line) for line in lines]


def _is_same_line(one: Box, other: Box) -> bool:
    """Return whether two characters are next to each other, in upright or rotated text."""
    reach = 3 * max(one.width, one.height, other.width, other.height)
    shared = (one.shared_width(other), one.shared_height(other))
    return min(shared) > -reach and max(shared) > 0


def _union_with_margin(boxes: Sequence[Box]) -> Box:
    widest, highest = max(box.width for box in boxes), max(box.height for box in boxes)
    margin = 2 + int(_MASK_MARGIN_SHARE * min(widest, highest))
    grown = Box.around(boxes).grow(margin, margin)
    return grown.clip(grown.bottom, grown.right)


def page_texts_from_ocr(page: int, readings: Sequence[Reading], engine: str) -> list[PageText]:
    """Return the texts of OCR results: blocks of lines, in reading order.

    Parameters
    ----------
    page : int
        Index of the page, from 0.
    readings : sequence of Reading
    engine : str
        Name of the OCR engine.
    """
    lines = [
        TextLine((page,), r.box, r.text, r.confidence, engine, r.rotation, r.character_borders)
        for r in readings
        if r.text
    ]
    texts = []
    for block in group_blocks(lines):
        boxes: list[Box | None] = [None] * len(block.text)
        for index, begin in block.places:
            line = lines[index]
            for offset in range(len(line.text)):
                boxes[begin + offset] = line.box_of(offset, offset + 1)
        texts.append(PageText(page, block.text, tuple(boxes), engine))
    return texts
