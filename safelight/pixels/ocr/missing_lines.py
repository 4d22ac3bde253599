"""Where text must be though no engine read it: gaps in the layout of a block.

The rows of a burned-in block share a left edge and stand one pitch apart. A row that is
missing between two others, that begins late, that is cut by the edge of the picture, or whose
key has no value though strokes stand there, is text that something drowned. It comes out as a
reading without text, and is hidden when its block holds PHI.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Picture, TextLine
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.line_merging import group_blocks, group_rows

#: Difference from mid grey that is a stroke in the stroke picture: any, and one that stands
#: at an extreme level, as devices draw.
FAINT, DRAWN = 40, 90
#: Share of strokes in a box of text, at least and at most.
DENSITY = (0.04, 0.6)
#: The most where a row is missing between two others.
ANYTHING = 0.95
#: Lines surer than this show the layout.
SURE = 0.8


def find_missing_lines(readings: Sequence[Reading], strokes: Picture) -> list[Reading]:
    """Readings without text for what the layout of the others shows to be there.

    Parameters
    ----------
    readings : sequence of Reading
        Merged ones.
    strokes : ndarray
        The stroke picture of the same frame.
    """
    ink = np.abs(strokes.astype(np.int16) - 128)
    upright = [r for r in readings if r.rotation == 0 and r.confidence >= SURE and len(r.text) > 2]
    lines = [TextLine(None, r.box, r.text, r.confidence, "") for r in upright]
    taken = [r.box for r in readings if r.confidence >= SURE]
    found: list[tuple[Box, int]] = []
    drowned: list[Box] = []
    for block in group_blocks(lines):
        members = [lines[index] for index, _ in block.places]
        order = [[members[i] for i in row] for row in group_rows(members)]
        if len(order) < 2:
            continue
        bands = [Box.around(line.box for line in row) for row in order]
        left = _left_edge(bands)
        right = max(box.right for box in bands)
        between, cut = _missing_rows(bands, left, ink)
        drowned += between
        found += [(box, FAINT) for box in cut]
        found += [(box, DRAWN) for box in _missing_begins(bands, left)]
        found += [(box, FAINT) for row in order if (box := _missing_value(row[-1], right))]
    free = [(cut, level) for box, level in found for cut in _free(box.clip(*ink.shape), taken)]
    kept = dict.fromkeys(box for box, level in free if _is_text(box, ink > level))
    for box in drowned:
        # Whatever is brighter than the text may stand here with it.
        parts = _free(box.clip(*ink.shape), taken)
        kept |= dict.fromkeys(b for b in parts if _is_text(b, ink > FAINT, ANYTHING))
    return [Reading(box, "", 0.0) for box in kept]


def _left_edge(bands: Sequence[Box]) -> int:
    """The left edge that at least two rows share; that of the first row if there is none."""
    lefts = sorted(box.left for box in bands)
    height = float(np.median([box.height for box in bands]))
    for one, other in zip(lefts, lefts[1:]):
        if other - one <= 0.6 * height:
            return one
    return bands[0].left


def _missing_value(line: TextLine, right: int) -> Box | None:
    """The room right of a key that has no value, as far as the block reaches."""
    keys = find_field_labels(line.text)
    if not keys or not keys[-1].has_separator or line.text[keys[-1].value_begin :].strip():
        return None
    x, y, w, h = line.box
    return Box(x + w, y, max(right - x - w, 4 * h), h)


def _missing_rows(
    bands: Sequence[Box], left: int, ink: npt.NDArray[np.int16]
) -> tuple[list[Box], list[Box]]:
    """Rows between two that are a multiple of the pitch apart, and those at the picture's edge."""
    middles = np.array([box.top + box.height / 2 for box in bands])
    steps = np.diff(middles)
    height = float(np.median([box.height for box in bands]))
    near = steps[steps < 2.2 * height]
    if not near.size:
        return [], []
    pitch = float(np.median(near)) if near.size > 2 else float(near.min())
    between: list[Box] = []
    cut: list[Box] = []
    for index, step in enumerate(steps):
        missing = round(step / pitch) - 1
        below = bands[index].horizontal_overlap(bands[index + 1]) > 0.5
        if below and 1 <= missing <= 2 and abs(step / pitch - missing - 1) < 0.3:
            end = max(box.right for box in bands[index : index + 2])
            for number in range(1, missing + 1):
                middle = middles[index] + number * step / (missing + 1)
                between.append(_box(left, end, middle, min(height, pitch)))
    for middle, beside in ((middles[0] - pitch, bands[0]), (middles[-1] + pitch, bands[-1])):
        if middle - height / 2 < 2 or middle + height / 2 > ink.shape[0] - 2:
            cut.append(_box(left, beside.right, middle, min(height, pitch)))
    return between, cut


def _missing_begins(bands: Sequence[Box], left: int) -> list[Box]:
    """What stands between the block's left edge and a row that begins late by itself.

    Rows that begin late together are the lines of a wrapped value, and rows that end together
    are set against the right edge.
    """
    found = []
    for x, y, w, h in bands:
        alone = sum(abs(other.left - x) <= 0.6 * h for other in bands) == 1
        alone = alone and sum(abs(other.right - x - w) <= 0.3 * h for other in bands) == 1
        if alone and 0.6 * h < x - left < max(w, 8.5 * h):
            found.append(Box(left, y, x - left, h))
    return found


def _is_text(box: Box, ink: npt.NDArray[np.bool_], most: float = DENSITY[1]) -> bool:
    """Whether the strokes in a box are spread like those of a text."""
    x, y, w, h = box
    if w < 3 or h < 2:
        return False
    area = ink[y : y + h, x : x + w]
    return DENSITY[0] <= float(area.mean()) <= most and float(area.any(axis=0).mean()) > 0.35


def _free(box: Box, taken: Sequence[Box]) -> list[Box]:
    """The parts of a box, left to right, that no reading stands in."""
    parts = [box]
    for other in taken:
        if box.vertical_overlap(other) < 0.5:
            continue
        cut = []
        for x, y, w, h in parts:
            before, after = min(x + w, other.left), max(x, other.right)
            if before > x:
                cut.append(Box(x, y, before - x, h))
            if after < x + w:
                cut.append(Box(after, y, x + w - after, h))
        parts = cut
    return [part for part in parts if part.width >= 0.4 * part.height]


def _box(left: int, right: int, middle: float, height: float) -> Box:
    return Box(left, round(middle - height / 2), right - left, round(height))
