"""Interface of an OCR engine: one grayscale or color picture in, readings out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional, Protocol

from safelight.pixels.geometry import Box
from safelight.pixels.models import FrameSelection, Picture, TextLine
from safelight.pixels.thresholds import (
    OCR_SAME_LINE_MIN_HEIGHT_RATIO,
    OCR_SAME_LINE_TOLERANCE_HEIGHTS,
)


class Tilt(NamedTuple):
    """Tilt of a line against the rows of a picture.

    Attributes
    ----------
    angle : float
        Degrees clockwise, -90 to 90.
    length, height : float
        Size of the line in pixels.
    """

    angle: float
    length: float
    height: float

    def scale(self, factor: float) -> Tilt:
        """Return the tilt of the line in a picture that is scaled by a factor."""
        return Tilt(self.angle, self.length * factor, self.height * factor)


@dataclass(frozen=True)
class Reading:
    """One line of text as an OCR engine read it. HOLDS PHI.

    Attributes
    ----------
    box : Box
        In pixels of the picture.
    text : str
        Empty for a line that looks like text and cannot be read.
    confidence : float
        0 to 1.
    rotation : int
        Clockwise rotation of the text in degrees: 0, 90 (reads downwards), 180 or 270 (reads
        upwards).
    character_borders : tuple of float
        ``len(text) + 1`` borders of the characters, as fractions of the line in reading
        direction; empty if the engine does not report them.
    variants : tuple of str
        Texts that other renderings show at the same place.
    rests : tuple of Box
        Boxes before the begin and after the end of the line, in which its text continues unread.
    tilt : Tilt or None
        For the place of a tilted line, which has no text yet.
    """

    box: Box
    text: str
    confidence: float
    rotation: int = 0
    character_borders: tuple[float, ...] = ()
    variants: tuple[str, ...] = ()
    rests: tuple[Box, ...] = ()
    tilt: Optional[Tilt] = None

    def to_line(self, frames: FrameSelection, engine: str) -> TextLine:
        """Return the reading as a line of some frames, read by an engine.

        Parameters
        ----------
        frames : tuple of int or None
            Numbers of the frames that show the text, counted from 0; ``None`` for all.
        engine : str
            Name of the OCR engine.
        """
        return TextLine(
            frames,
            self.box,
            self.text,
            self.confidence,
            engine,
            self.rotation,
            self.character_borders,
            self.variants,
            self.rests,
        )


class TextReader(Protocol):
    """An OCR engine. It holds its models: make one per process and reuse it."""

    name: str

    def read(
        self,
        picture: Picture,
        known: Sequence[Box] = (),
        areas: Sequence[Box] | None = None,
        strokes: Picture | None = None,
    ) -> list[Reading]:
        """Return the lines of a picture, in any order.

        Parameters
        ----------
        picture : ndarray of uint8
            Shape (rows, columns) or (rows, columns, 3) in RGB.
        known : sequence of Box
            Lines inside these boxes are left out, since they were read before.
        areas : sequence of Box, optional
            Areas to read, by default the whole picture. A line that begins in an area is read
            completely.
        strokes : ndarray of uint8, optional
            Rendering of the same size in which lines are detected more easily than read. An
            engine may detect in it, and read in it what it cannot read in the picture.
        """
        ...

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        """Return the text of each crop, which holds one horizontal line; boxes span the crop."""
        ...


def score_reading(reading: Reading) -> float:
    """Return the number of characters of a reading, weighted by the square of its confidence."""
    return reading.confidence**2 * sum(character.isalnum() for character in reading.text)


def is_inside_line(box: Box, line: Box) -> bool:
    """Return whether a box lies in the box of a line and is about as high: it is the same line.

    Parameters
    ----------
    box : Box
        Box to test, in pixels; it may extend beyond the line by a part of its own height.
    line : Box
        Box of a line in the same picture.
    """
    short = min(box.width, box.height)
    if short < OCR_SAME_LINE_MIN_HEIGHT_RATIO * min(line.width, line.height):
        return False
    tolerance = OCR_SAME_LINE_TOLERANCE_HEIGHTS * short
    return (
        box.left >= line.left - tolerance
        and box.top >= line.top - tolerance
        and box.right <= line.right + tolerance
        and box.bottom <= line.bottom + tolerance
    )
