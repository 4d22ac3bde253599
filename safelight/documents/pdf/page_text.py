"""Text with the place of each of its characters on a page, and what hides a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.line_merging import group_blocks

#: Of the height of the text: how much a mask reaches beyond it, ascenders and accents included.
_MARGIN = 0.2


@dataclass(frozen=True)
class PageText:
    """A piece of text of one page. HOLDS PHI.

    Attributes
    ----------
    page : int
        Counted from 0.
    text : str
    boxes : tuple of (x, y, width, height) or None
        One for each character, in pixels of the rendered page; ``None`` for what has no ink.
    engine : str
        ``layer`` for the document's own text, else the OCR engine.
    """

    page: int
    text: str
    boxes: tuple[Box | None, ...]
    engine: str

    def __post_init__(self) -> None:
        if len(self.boxes) != len(self.text):
            raise ValueError(f"{len(self.boxes)} boxes for {len(self.text)} characters")

    def cover(self, begin: int, end: int) -> list[Box]:
        """Boxes that cover the characters from ``begin`` up to ``end``, one for each line."""
        lines: list[list[Box]] = []
        fresh = True
        for character, box in zip(self.text[begin:end], self.boxes[begin:end], strict=True):
            if character in "\r\n":
                fresh = True
            elif box is not None:
                if fresh or not _on_one_line(lines[-1][-1], box):
                    lines.append([])
                    fresh = False
                lines[-1].append(box)
        return [_union(line) for line in lines]


def _on_one_line(one: Box, other: Box) -> bool:
    """Side by side or, for turned text, one below the other; never across a line break."""
    reach = 3 * max(one.width, one.height, other.width, other.height)
    shared = (one.shared_width(other), one.shared_height(other))
    return min(shared) > -reach and max(shared) > 0


def _union(boxes: Sequence[Box]) -> Box:
    widest, highest = max(box.width for box in boxes), max(box.height for box in boxes)
    margin = 2 + int(_MARGIN * min(widest, highest))
    grown = Box.around(boxes).grow(margin, margin)
    return grown.clip(grown.bottom, grown.right)


def page_texts_from_ocr(page: int, readings: Sequence[Reading], engine: str) -> list[PageText]:
    """Passages of what an OCR engine read: lines that stand together, in reading order."""
    lines = [
        TextLine((page,), r.box, r.text, r.confidence, engine, r.rotation, r.character_borders)
        for r in readings
        if r.text
    ]
    passages = []
    for block in group_blocks(lines):
        boxes: list[Box | None] = [None] * len(block.text)
        for index, begin in block.places:
            line = lines[index]
            for offset in range(len(line.text)):
                boxes[begin + offset] = line.part(offset, offset + 1)
        passages.append(PageText(page, block.text, tuple(boxes), engine))
    return passages
