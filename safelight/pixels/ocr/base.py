"""What every OCR engine looks like from outside: one grey or colour picture in, readings out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture


@dataclass(frozen=True)
class Reading:
    """One line of text as an engine saw it.

    Attributes
    ----------
    box : Box
        In pixels of the picture.
    text : str
        May be empty: something looks like text there, and the engine cannot read it.
    confidence : float
        0 to 1.
    rotation : int
        Degrees, counted clockwise, by which the text is turned: 0, 90 (reads downwards),
        180 or 270 (reads upwards).
    character_borders : tuple of float
        ``len(text) + 1`` borders of the characters, as fractions of the line in reading
        direction; empty when the engine does not know.
    variants : tuple of str
        What other renderings read at the same place.
    """

    box: Box
    text: str
    confidence: float
    rotation: int = 0
    character_borders: tuple[float, ...] = ()
    variants: tuple[str, ...] = ()


class TextReader(Protocol):
    """An OCR engine. Holds its models; make one per process and reuse it."""

    name: str

    def read(
        self,
        picture: Picture,
        known: Sequence[Box] = (),
        areas: Sequence[Box] | None = None,
        strokes: Picture | None = None,
    ) -> list[Reading]:
        """The lines of a picture, in no particular order.

        Parameters
        ----------
        picture : ndarray
        known : sequence of Box
            Lines inside these are left out: they were read before.
        areas : sequence of Box, optional
            Where to look; by default everywhere. A line that begins there is read whole.
        strokes : ndarray, optional
            Another rendering of the same size, in which lines are found more easily than they
            are read: an engine may look there, and read there what it reads badly otherwise.
        """
        ...

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        """The text of each crop, which holds one horizontal line; boxes span the crop."""
        ...


def information_score(reading: Reading) -> float:
    """How much a reading says: its characters, the less the more doubtful they are."""
    return reading.confidence**2 * sum(character.isalnum() for character in reading.text)


def is_inside_line(box: Box, other: Box) -> bool:
    """Whether a box stands in another one and is about as high, so that it is the same line."""
    if min(box[2], box[3]) < 0.65 * min(other[2], other[3]):
        return False
    spare = 0.25 * min(box[2], box[3])
    return (
        box[0] >= other[0] - spare
        and box[1] >= other[1] - spare
        and box[0] + box[2] <= other[0] + other[2] + spare
        and box[1] + box[3] <= other[1] + other[3] + spare
    )
