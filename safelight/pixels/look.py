"""Read one frame: several renderings and scales, each for what it alone can show."""

from __future__ import annotations

import math
from collections.abc import Sequence

from safelight.pixels import render
from safelight.pixels.layout import unread
from safelight.pixels.lines import merged
from safelight.pixels.ocr.base import Box, Picture, Reading, TextReader

#: Short side that a picture is brought to for reading: a 5-pixel font of a 256 x 256 MR
#: becomes one of 13 pixels, which the networks read.
READING_SIDE = 640
#: The second rendering is read at another scale: what one misses the other may see.
SECOND = 0.8
#: Pixels of the largest picture that is read; a larger frame is shrunk to it.
LARGEST_AREA = 4_000_000
#: Height in the enlarged picture above which doubtful text is read at half the scale too.
LARGE = 26
#: A line read with this confidence needs no second rendering.
SURE = 0.95
#: Most that a picture is enlarged.
LARGEST_FACTOR = 3.0


def look(
    shown: Picture,
    windows: Sequence[Picture],
    reader: TextReader,
    shape: Sequence[int] | None = None,
) -> list[Reading]:
    """All text of a frame.

    Parameters
    ----------
    shown : ndarray
        The frame by its minimum and maximum.
    windows : sequence of ndarray
        The frame by the object's own windows.
    reader : TextReader
    shape : sequence of int, optional
        Rows and columns of the whole frame, when the picture is a part of it.
    """
    whole = shape or shown.shape
    factor = reading_factor(whole[0], whole[1])
    thin = render.strokes(shown)
    readings: list[Reading] = []
    for picture in (shown, *windows):
        readings += read_scaled(picture, factor, reader, readings)
    readings += read_scaled(thin, factor * SECOND, reader, readings)
    if any(_large(reading, factor) for reading in readings):
        readings += read_scaled(shown, factor / 2, reader, readings)
    lines = merged(readings)
    return lines + unread(lines, thin)


def reading_factor(rows: int, columns: int) -> float:
    """How much a frame is enlarged for reading; shrunk only when it is very large."""
    factor = min(LARGEST_FACTOR, max(1.0, READING_SIDE / min(rows, columns)))
    return min(factor, math.sqrt(LARGEST_AREA / (rows * columns)))


def _large(reading: Reading, factor: float) -> bool:
    """Whether a doubtful reading is of letters larger than the networks like."""
    return reading.confidence < SURE and min(reading.box[2:]) * factor > LARGE


def read_scaled(
    picture: Picture, factor: float, reader: TextReader, before: Sequence[Reading] = ()
) -> list[Reading]:
    """Read a picture scaled by a factor, but what was read well before; boxes in its pixels."""
    large = render.enlarged(picture, factor)
    known = [resized(reading.box, factor) for reading in before if reading.confidence >= SURE]
    return [
        Reading(
            _inside(resized(reading.box, 1 / factor), picture),
            reading.text,
            reading.confidence,
            reading.turn,
            reading.columns,
        )
        for reading in reader.read(large, known)
    ]


def resized(box: Box, factor: float) -> Box:
    """The box multiplied by a factor, rounded outwards."""
    x, y, w, h = box
    left, top = math.floor(x * factor), math.floor(y * factor)
    return (left, top, math.ceil((x + w) * factor) - left, math.ceil((y + h) * factor) - top)


def _inside(box: Box, picture: Picture) -> Box:
    x, y, w, h = box
    return (x, y, min(w, picture.shape[1] - x), min(h, picture.shape[0] - y))
