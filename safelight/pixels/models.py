"""Data that the steps of the pixel stage pass to each other. All of it can hold PHI."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from safelight.pixels.geometry import Box
from safelight.pixels.thresholds import (
    CHARACTER_LINE_MIN_CHARACTERS,
    CHARACTER_LINE_MIN_CONFIDENCE,
    CHARACTER_LINE_UNREAD_MAX_SHARE,
    CHARACTER_MARGIN_CHARACTERS,
    UNREAD_END_MARGIN_CHARACTERS,
)

#: A picture of 8 bits: gray (rows, columns) or RGB (rows, columns, 3).
Picture = npt.NDArray[np.uint8]

#: Frame numbers, counted from 0; ``None`` for all frames.
FrameSelection = tuple[int, ...] | None


@dataclass(frozen=True)
class TextLine:
    """One piece of text on one baseline. HOLDS PHI.

    Attributes
    ----------
    frames : tuple of int or None
        Frames that show the text; ``None`` for all.
    box : Box
        In pixels of the frame.
    text : str
        Empty for text that cannot be read.
    confidence : float
        0 to 1.
    engine : str
        Name of the OCR engine.
    rotation : int
        Degrees clockwise by which the text is rotated: 0, 90, 180 or 270.
    character_borders : tuple of float
        Borders of the characters as fractions in reading direction, or empty.
    variants : tuple of str
        Texts that other renderings of the frame show at this place.
    rests : tuple of Box
        Boxes before the begin and after the end of the line, in which its text continues unread.
    """

    frames: FrameSelection
    box: Box
    text: str
    confidence: float
    engine: str
    rotation: int = 0
    character_borders: tuple[float, ...] = ()
    variants: tuple[str, ...] = ()
    rests: tuple[Box, ...] = ()

    def rest_of(self, begin: int, end: int) -> tuple[Box, ...]:
        """Return the unread rests that continue some characters at the ends of the line.

        Parameters
        ----------
        begin, end : int
            The first character and the one after the last.
        """
        is_reversed = self.rotation in (180, 270)
        return tuple(
            rest
            for rest in self.rests
            if (begin <= 0 if self._is_before(rest) != is_reversed else end >= len(self.text))
        )

    def _is_before(self, rest: Box) -> bool:
        """Return whether a rest is left of the line or above it."""
        return (rest.left, rest.top) < (self.box.left, self.box.top)

    def box_of(self, begin: int, end: int) -> Box:
        """Return the box of some characters, with a margin of a part of a character.

        The first and the last character extend to the ends of the line's box, unless the line
        was read reliably and nothing was read in a large part of its box at that end.

        Parameters
        ----------
        begin, end : int
            The first character and the one after the last.
        """
        borders = self.character_borders
        known = len(borders) == len(self.text) + 1
        if not self.text or begin <= 0 and end >= len(self.text) and not known:
            return self.box
        if not known:
            borders = tuple(n / len(self.text) for n in range(len(self.text) + 1))
        first, last = self._fractions(begin, end, borders)
        if self.rotation in (180, 270):
            first, last = 1 - last, 1 - first
        x, y, w, h = self.box
        if self.rotation in (90, 270):
            top, bottom = int(y + first * h), -int(-(y + last * h) // 1)
            return Box(x, top, w, bottom - top)
        left, right = int(x + first * w), -int(-(x + last * w) // 1)
        return Box(left, y, right - left, h)

    def _fractions(self, begin: int, end: int, borders: tuple[float, ...]) -> tuple[float, float]:
        """Return where some characters begin and end, as fractions in reading direction."""
        length = len(self.text)
        reliable = (
            self.confidence >= CHARACTER_LINE_MIN_CONFIDENCE
            and length >= CHARACTER_LINE_MIN_CHARACTERS
        )
        spare = CHARACTER_MARGIN_CHARACTERS / length
        room = UNREAD_END_MARGIN_CHARACTERS / length
        first = 0.0 if begin <= 0 else max(0.0, borders[begin] - spare)
        last = 1.0 if end >= length else min(1.0, borders[end] + spare)
        if begin <= 0 and reliable and borders[0] > CHARACTER_LINE_UNREAD_MAX_SHARE:
            first = borders[0] - room
        if end >= length and reliable and 1 - borders[-1] > CHARACTER_LINE_UNREAD_MAX_SHARE:
            last = borders[-1] + room
        return first, last


@dataclass(frozen=True)
class Block:
    """Rows of text that belong together, in reading order.

    Attributes
    ----------
    text : str
        The rows joined by line feeds, the pieces of a row by spaces.
    places : tuple of (line, begin)
        Index of each piece in the lines of the scan, and its offset in ``text``.
    """

    text: str
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Mask:
    """A region to mask.

    Attributes
    ----------
    frames : tuple of int or None
        ``None`` for all frames.
    box : Box
        In pixels of the frame, or of the overlay.
    entity : str
        Kind of PHI.
    engine : str
        Source of the finding.
    confidence : float
        0 to 1.
    text : str
        The text in the region. HOLDS PHI: only its keyed hash is recorded.
    overlay : int
        Group of the overlay whose planes hold the region; 0 for the frames themselves.
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
    """The text in the pixels of one object. HOLDS PHI; small, and picklable.

    Attributes
    ----------
    frames, rows, columns : int
    lines : tuple of TextLine
    blocks : tuple of Block
    distinct_frames : int
        Frames that differ from all frames before them.
    gated_pictures, read_pictures : int
        Pictures in which the gate saw no text, and those that were read.
    device_rule : str
        Rule of the device catalog that matched, or empty.
    device_masks : tuple of Mask
        Regions of the device catalog and of the rules, which are masked whatever is read there.
    has_pixels : bool
        Whether the object has pixel data.
    overlays : tuple of (group, PixelScan)
        Text of overlay planes, if the rules read them.
    tilted : tuple of (angle, PixelScan)
        Text that is tilted by whole degrees clockwise; boxes are in pixels of the frame after it is
        turned until the text is level.
    """

    frames: int = 0
    rows: int = 0
    columns: int = 0
    lines: tuple[TextLine, ...] = ()
    blocks: tuple[Block, ...] = ()
    distinct_frames: int = 0
    gated_pictures: int = 0
    read_pictures: int = 0
    device_rule: str = ""
    device_masks: tuple[Mask, ...] = ()
    has_pixels: bool = False
    overlays: tuple[tuple[int, PixelScan], ...] = ()
    tilted: tuple[tuple[int, PixelScan], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that a text model annotates: one for each distinct block."""
        parts = (*self.overlays, *self.tilted)
        every = [*self.blocks, *(block for _, part in parts for block in part.blocks)]
        return tuple(dict.fromkeys(block.text for block in every))


#: Replacement of elements: tag → (VR, value bytes), or ``None`` to remove the element.
ElementEdits = dict[int, tuple[str, bytes] | None]


@dataclass(frozen=True)
class Redaction:
    """Replacement elements for a redacted object, and what they hide.

    Attributes
    ----------
    elements : dict
        Top-level elements: tag → (VR, value bytes), or ``None`` to remove the element.
    transfer_syntax : str or None
        New transfer syntax UID; ``None`` if it is unchanged.
    masks : tuple of Mask
        Regions that were masked. HOLDS PHI in ``text``.
    clean : bool
        True only after the residual check.
    recognizable_face : bool or None
        Whether the pixels may show a face; ``None`` if the header does not say it.
    cleared_bits : int
        Bit mask of the bits that were cleared in all words, with the overlays in them.
    cleared_bytes : int
        Number of bytes after the last native frame that were set to zero.
    frames_with_metadata : int
        Number of frames whose codestreams held metadata, which were removed.
    has_new_offsets : bool
        Whether offset tables held other values than offsets, and were written again.
    """

    elements: ElementEdits = field(default_factory=dict)
    transfer_syntax: str | None = None
    masks: tuple[Mask, ...] = ()
    clean: bool = False
    recognizable_face: bool | None = None
    cleared_bits: int = 0
    cleared_bytes: int = 0
    frames_with_metadata: int = 0
    has_new_offsets: bool = False
