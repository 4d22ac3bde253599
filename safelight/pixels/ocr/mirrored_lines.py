"""Lines that are mirrored, which an engine reads as other words or not at all.

A line is read mirrored if two renderings show text in this way. In a frame with several such lines,
the others are tried as well, however clearly they were read: "AXIAL" reads as "JAIXA".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum

import numpy as np

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.harmless_text import has_settings_only, is_harmless, is_reliable
from safelight.pixels.ocr.tight_crops import cut_crop, read_crop, shrink_to_strokes
from safelight.pixels.thresholds import (
    MIRRORED_FRAME_MIN_LINES,
    SECOND_READING_MIN_CHARACTERS,
    UNREAD_LINE_MIN_OVERLAP_SHARE,
    UNREAD_PART_MAX_GAP_HEIGHTS,
)


class Flip(Enum):
    """Direction in which the text of a line is mirrored, after it is turned to be level."""

    LEFT_RIGHT = 180
    TOP_BOTTOM = 0


def read_mirrored_line(
    line: Reading,
    shown: Picture,
    strokes: Picture,
    reader: TextReader,
    flips: Iterable[Flip] = (Flip.LEFT_RIGHT, Flip.TOP_BOTTOM),
    *,
    keeps_settings: bool = False,
) -> tuple[Reading, Flip | None]:
    """Return a line as it reads mirrored, and the flip, if all renderings show text in this way.

    Parameters
    ----------
    line : Reading
    shown, strokes : ndarray of uint8
        The frame and its stroke picture.
    reader : TextReader
    flips : iterable of Flip
        Directions to try.
    keeps_settings : bool
        Whether a line of short settings, which can be noise, keeps its text.

    Returns
    -------
    tuple of (Reading, Flip or None)
        The line itself and None if it is not mirrored. A mirrored line that is not harmless has no
        text.
    """
    box = shrink_to_strokes(line.box.clip(*strokes.shape), strokes)
    if min(box.width, box.height) < 1:
        return line, None
    base = 90 if line.rotation in (90, 270) else 0
    for flip in flips:
        # The characters of a line with left and right exchanged have the order of an inverted one.
        turned = replace(line, rotation=(base + flip.value) % 360)
        found = _read_flipped(turned, (cut_crop(one, box, 1) for one in (shown, strokes)), reader)
        if len(found) < 2:
            continue
        if all(map(is_harmless, found)) or (
            keeps_settings and all(has_settings_only(one.text) for one in found)
        ):
            return found[0], flip
        return replace(found[0], text="", character_borders=()), flip
    return line, None


def read_mirrored_rest(
    lines: Sequence[Reading],
    flips: Sequence[Flip | None],
    shown: Picture,
    strokes: Picture,
    reader: TextReader,
) -> list[Reading]:
    """Return the lines of a frame, all of them tried as mirrored if several are.

    Parameters
    ----------
    lines : sequence of Reading
    flips : sequence of Flip or None
        Direction in which each line was found mirrored.
    shown, strokes : ndarray of uint8
        The frame and its stroke picture.
    reader : TextReader
    """
    seen = [flip for flip in flips if flip is not None]
    if len(seen) < MIRRORED_FRAME_MIN_LINES:
        return list(lines)
    directions = tuple(dict.fromkeys(seen))
    found: list[Reading] = []
    for line, flip in zip(lines, flips):
        reading, other = line, flip
        # Lines without text were tried before, and mirrored ones without text can be settings.
        if bool(line.text) == (flip is None):
            reading, other = read_mirrored_line(
                line, shown, strokes, reader, directions, keeps_settings=True
            )
        is_mirrored = flip is not None or other is not None
        # The reading without a flip is not a rendering of the text of a mirrored line.
        found.append(replace(reading, variants=()) if is_mirrored else reading)
    hidden = [line.box for line in found if not line.text]
    return [
        replace(line, text="", character_borders=())
        if any(_is_beside(line, box) for box in hidden)
        else line
        for line in found
    ]


def _is_beside(line: Reading, hidden: Box) -> bool:
    """Return whether a line continues a line without text in its row: "Lakeside Hospital"."""
    box = line.box
    if line.rotation in (90, 270):
        gap, overlap, height = -box.shared_height(hidden), box.horizontal_overlap(hidden), box.width
    else:
        gap, overlap, height = -box.shared_width(hidden), box.vertical_overlap(hidden), box.height
    return overlap > UNREAD_LINE_MIN_OVERLAP_SHARE and gap <= UNREAD_PART_MAX_GAP_HEIGHTS * height


def _read_flipped(line: Reading, crops: Iterable[Picture], reader: TextReader) -> list[Reading]:
    """Return the readings of flipped crops, up to the first that is not reliable."""
    base = 90 if line.rotation in (90, 270) else 0
    is_left_right = line.rotation != base
    found: list[Reading] = []
    for crop in crops:
        level = np.rot90(crop, base // 90)
        flipped = level[:, ::-1] if is_left_right else level[::-1]
        reading = read_crop(line, np.ascontiguousarray(flipped), reader)
        if sum(map(str.isalnum, reading.text)) < SECOND_READING_MIN_CHARACTERS:
            break
        if not is_reliable(reading):
            break
        found.append(reading)
    return found
