"""What reading, deciding and masking hand to each other. All but findings may hold PHI."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from safelight.pixels.geometry import Box

#: A picture of 8 bits: grey (rows, columns) or RGB (rows, columns, 3).
Picture = npt.NDArray[np.uint8]

#: Frames that something stands in, counted from 0; ``None`` for all.
FrameSelection = tuple[int, ...] | None


#: A line of some length that was read this surely ends where its characters end, if this share
#: of its box is left over.
READ, LONG, EMPTY = 0.95, 6, 0.25


@dataclass(frozen=True)
class TextLine:
    """One piece of text on one baseline. HOLDS PHI.

    Attributes
    ----------
    box : Box
        In pixels of the frame.
    text : str
        Empty for what looks like text and cannot be read.
    rotation : int
        Degrees clockwise by which it is turned.
    character_borders : tuple of float
        Borders of the characters as fractions in reading direction, or empty.
    variants : tuple of str
        What other renderings of the frame read at this place.
    """

    frames: FrameSelection
    box: Box
    text: str
    confidence: float
    engine: str
    rotation: int = 0
    character_borders: tuple[float, ...] = ()
    variants: tuple[str, ...] = ()

    def part(self, begin: int, end: int) -> Box:
        """Box of the characters ``begin`` up to ``end``, with half a character of margin.

        Ends of the line go to the ends of its box, unless it was read surely and nothing was
        read in a good part of the box there.
        """
        borders = self.character_borders
        known = len(borders) == len(self.text) + 1
        if not self.text or begin <= 0 and end >= len(self.text) and not known:
            return self.box
        if not known:
            borders = tuple(n / len(self.text) for n in range(len(self.text) + 1))
        sure = self.confidence >= READ and len(self.text) >= LONG
        spare, room = 0.35 / len(self.text), 1.5 / len(self.text)
        first = 0.0 if begin <= 0 else max(0.0, borders[begin] - spare)
        last = 1.0 if end >= len(self.text) else min(1.0, borders[end] + spare)
        if begin <= 0 and sure and borders[0] > EMPTY:
            first = borders[0] - room
        if end >= len(self.text) and sure and 1 - borders[-1] > EMPTY:
            last = borders[-1] + room
        x, y, w, h = self.box
        if self.rotation in (180, 270):
            first, last = 1 - last, 1 - first
        if self.rotation in (90, 270):
            top, bottom = int(y + first * h), -int(-(y + last * h) // 1)
            return Box(x, top, w, bottom - top)
        left, right = int(x + first * w), -int(-(x + last * w) // 1)
        return Box(left, y, right - left, h)


@dataclass(frozen=True)
class Block:
    """Rows of text that stand together, in reading order.

    Attributes
    ----------
    text : str
        The rows joined by line feeds, the pieces of a row by spaces.
    places : tuple of (line, begin)
        Index of each piece in the scan's lines and where it begins in ``text``.
    """

    text: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Mask:
    """A region to hide. ``text`` HOLDS PHI: only its keyed hash may leave the engine.

    ``overlay`` is the group of the overlay whose planes it is in, 0 for the frames themselves.
    """

    frames: FrameSelection
    box: Box
    entity: str
    engine: str
    confidence: float
    text: str = ""
    overlay: int = 0


@dataclass(frozen=True)
class PixelScan:
    """All that was found in the pixels of one object. HOLDS PHI; small, and picklable.

    Attributes
    ----------
    frames, rows, columns : int
    lines : tuple of TextLine
    blocks : tuple of Block
    distinct, gated, read : int
        Frames that differ from all before; those in which the gate saw no text; those read.
    device : str
        Rule of the device catalog that matched, or empty.
    scrub : tuple of Mask
        Boxes that the device catalog hides whatever is read there.
    present : bool
        Whether there are pixels at all.
    overlays : tuple of (group, PixelScan)
        The text of overlay planes, when the rules want them read.
    """

    frames: int = 0
    rows: int = 0
    columns: int = 0
    lines: tuple[TextLine, ...] = ()
    blocks: tuple[Block, ...] = ()
    distinct: int = 0
    gated: int = 0
    read: int = 0
    device: str = ""
    scrub: tuple[Mask, ...] = ()
    present: bool = False
    overlays: tuple[tuple[int, PixelScan], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What a text model should see: one text per block."""
        every = [*self.blocks, *(block for _, plane in self.overlays for block in plane.blocks)]
        return tuple(dict.fromkeys(block.text for block in every))


@dataclass(frozen=True)
class Redaction:
    """What is to be replaced in the object.

    Attributes
    ----------
    elements : dict
        Tag → (VR, value bytes), or ``None`` to remove it; top level only.
    transfer_syntax : str or None
        The new one; ``None`` when it stays.
    masks : tuple of Mask
        What was hidden. HOLDS PHI in ``text``.
    clean : bool
        True only after the proof.
    recognizable_face : bool or None
        Whether the pixels allow a face to be rebuilt; ``None`` when that was not looked at.
    cleared : int
        Mask of the bits that were cleared in all words, with the overlays that stood there.
    """

    elements: dict[int, tuple[str, bytes] | None] = field(default_factory=dict)
    transfer_syntax: str | None = None
    masks: tuple[Mask, ...] = ()
    clean: bool = False
    recognizable_face: bool | None = None
    cleared: int = 0
