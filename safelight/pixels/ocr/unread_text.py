"""Lines of faint text that the network sees, and those of them that were not read completely.

A detector needs more contrast than a viewer. Half a name that was read does not show that the other
half is harmless, so a line counts as read only if one reading covers it. Lines with a clear
contrast are left to the rules for what was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from safelight.pixels.gate.faint_cnn import FAINT_PLACE
from safelight.pixels.gate.faint_text import FaintText
from safelight.pixels.gate.text_gate import Cells
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading
from safelight.pixels.thresholds import (
    BLOCK_MAX_HEIGHT_RATIO,
    FAINT_BOX_MARGIN_HEIGHTS,
    FAINT_CORE_MIN_LOG_ODDS,
    FAINT_LINE_ACROSS_PIXELS,
    FAINT_LINE_GAP_HEIGHTS,
    FAINT_LINE_GROWTH_HEIGHTS,
    FAINT_LINE_MAX_CONTRAST_LEVELS,
    FAINT_LINE_MAX_HEIGHT_PIXELS,
    FAINT_LINE_MAX_OPEN_SHARE,
    FAINT_LINE_MIN_HEIGHT_PIXELS,
    FAINT_LINE_MIN_LENGTH_PIXELS,
    FAINT_LINE_MIN_LOG_ODDS,
    FAINT_LINE_MIN_SEGMENT_SHARE,
    FAINT_LINE_READ_MIN_CHARACTERS_PER_HEIGHT,
    FAINT_LINE_READ_MIN_CONFIDENCE,
    FAINT_PLACE_MIN_FILLED_SHARE,
    FAINT_PLACE_MIN_LOG_ODDS,
    FAINT_ROW_VALLEY_MAX_SHARE,
    FAINT_SEGMENT_HEIGHTS,
    FAINT_SEVERAL_ROWS_HEIGHTS,
    FAINT_SPLIT_MAX_LOG_ODDS,
    FAINT_SPLIT_STEP_LOG_ODDS,
    FAINT_VERTICAL_LINE_MIN_LOG_ODDS,
    INK_STROKE_MIN_DIFFERENCE_LEVELS,
    LOCAL_CONTRAST_MEAN_LEVEL,
    ROW_MAX_GAP_HEIGHTS,
    ROW_MIN_OVERLAP_SHARE,
)


class FaintLine(NamedTuple):
    """A line of text that the network sees.

    Attributes
    ----------
    box : Box
        In pixels of the frame, with the parts that can hardly be seen.
    core : Box
        The part of the box that is text with a high probability.
    log_odds : float
        Log odds of text of its likeliest place.
    """

    box: Box
    core: Box
    log_odds: float

    @property
    def probability(self) -> float:
        """Probability of text of its likeliest place."""
        return round(float(1 / (1 + np.exp(-self.log_odds))), 4)

    @property
    def rotation(self) -> int:
        """Rotation in degrees: 90 for a box that is higher than wide, else 0."""
        return 90 if self.box.height > self.box.width else 0

    def join(self, other: FaintLine) -> FaintLine:
        """Return the line that has both lines as its parts."""
        core = self.core.union(other.core)
        return FaintLine(self.box.union(other.box), core, max(self.log_odds, other.log_odds))


def find_lines_of_little_contrast(
    faint: FaintText, shown: Picture, contrast: Picture
) -> list[FaintLine]:
    """Return the lines of text in a frame that have little contrast with their background.

    Parameters
    ----------
    faint : ndarray of float32
        Log odds of text (:func:`safelight.pixels.gate.faint_text.rate_faint_text`).
    shown : ndarray of uint8
        The frame, (rows, columns).
    contrast : ndarray of uint8
        Picture of local contrast.
    """
    lines = find_faint_lines(faint, shown.shape)
    return [line for line in lines if is_faint_line(line.core, shown, contrast)]


def find_open_lines(
    lines: Sequence[FaintLine], faint: FaintText, readings: Sequence[Reading]
) -> set[FaintLine]:
    """Return the lines that were not read completely.

    Parameters
    ----------
    lines : sequence of FaintLine
    faint : ndarray of float32
        Log odds of text.
    readings : sequence of Reading
        Merged readings of the frame.
    """
    read = [reading.box for reading in readings if is_read_completely(reading)]
    return {line for line in lines if _is_open(line.core, faint, read)}


def find_faint_lines(faint: FaintText, shape: Sequence[int]) -> list[FaintLine]:
    """Return the lines of text in a frame.

    Parameters
    ----------
    faint : ndarray of float32
        Log odds of text.
    shape : sequence of int
        Rows and columns of the frame in pixels.
    """
    rows, columns = shape[0], shape[1]
    parts = [
        FaintLine(part.box.clip(rows, columns), part.core.clip(rows, columns), part.log_odds)
        for part in _find_parts(faint, FAINT_PLACE_MIN_LOG_ODDS)
    ]
    return [
        line
        for line in _join_rows(parts)
        if line.log_odds >= _min_log_odds(line.box) and _is_line_sized(line.box)
    ]


def is_faint_line(box: Box, shown: Picture, contrast: Picture) -> bool:
    """Return whether a good part of a line has little contrast with its background.

    Anatomy behind a faint line can have more contrast than its strokes, but not everywhere.

    Parameters
    ----------
    box : Box
        In pixels of the frame.
    shown : ndarray of uint8
        The frame, (rows, columns).
    contrast : ndarray of uint8
        Picture of local contrast.
    """
    levels, local = shown[box.slices], contrast[box.slices]
    if box.height > box.width:
        levels, local = levels.T, local.T
    step = max(1, round(FAINT_SEGMENT_HEIGHTS * min(box.width, box.height)))
    segments = [slice(begin, begin + step) for begin in range(0, levels.shape[1], step)]
    faint = [measure_contrast(levels[:, one], local[:, one]) for one in segments]
    return float(np.mean([one < FAINT_LINE_MAX_CONTRAST_LEVELS for one in faint])) >= (
        FAINT_LINE_MIN_SEGMENT_SHARE
    )


def measure_contrast(levels: Picture, contrast: Picture) -> float:
    """Return the difference of the strokes in a place from their background, in levels.

    Parameters
    ----------
    levels, contrast : ndarray of uint8
        The place in the frame and in its picture of local contrast, of the same shape.
    """
    difference = contrast.astype(np.int16) - LOCAL_CONTRAST_MEAN_LEVEL
    least = INK_STROKE_MIN_DIFFERENCE_LEVELS
    background = levels[np.abs(difference) <= least]
    return max(
        (
            abs(float(np.median(strokes)) - float(np.median(background)))
            for strokes in (levels[difference > least], levels[difference < -least])
            if strokes.size and background.size
        ),
        default=0.0,
    )


def blank_places(faint: FaintText, boxes: Sequence[Box]) -> FaintText:
    """Return the log odds without the places of some boxes and of their edges."""
    rest = np.array(faint, np.float32)
    for box in boxes:
        margin = round(FAINT_BOX_MARGIN_HEIGHTS * min(box.width, box.height))
        wide = box.grow(margin, margin)
        rows = slice(max(0, wide.top) // FAINT_PLACE, max(0, -(-wide.bottom // FAINT_PLACE)))
        columns = slice(max(0, wide.left) // FAINT_PLACE, max(0, -(-wide.right // FAINT_PLACE)))
        rest[rows, columns] = -np.inf
    return rest


def group_faint_lines(lines: Sequence[FaintLine]) -> list[list[FaintLine]]:
    """Return the lines in groups of rows that are set below each other."""
    blocks: list[list[FaintLine]] = []
    for line in sorted(lines, key=lambda one: one.box.top):
        near = [block for block in blocks if any(_is_next_row(one.box, line.box) for one in block)]
        blocks = [block for block in blocks if not any(block is one for one in near)]
        blocks.append([*(one for block in near for one in block), line])
    return blocks


def _is_next_row(one: Box, other: Box) -> bool:
    """Return whether two lines of about one height are rows next to each other."""
    low, high = sorted((one.height, other.height))
    if high > BLOCK_MAX_HEIGHT_RATIO * low or one.horizontal_overlap(other) <= 0:
        return False
    return -one.shared_height(other) <= ROW_MAX_GAP_HEIGHTS * low


def grow_in_block(box: Box, block: Sequence[FaintLine]) -> Box:
    """Return a line with the part between it and the edges of its block that anatomy may hide."""
    most = round(FAINT_LINE_GROWTH_HEIGHTS * box.height)
    left = max(min(line.box.left for line in block), box.left - most)
    right = min(max(line.box.right for line in block), box.right + most)
    return Box(left, box.top, right - left, box.height)


def is_read_completely(reading: Reading) -> bool:
    """Return whether a reading is reliable and has the characters that its box has room for.

    A box without text counts, since it is masked.
    """
    if reading.confidence < FAINT_LINE_READ_MIN_CONFIDENCE:
        return False
    height, length = sorted((reading.box.width, reading.box.height))
    room = FAINT_LINE_READ_MIN_CHARACTERS_PER_HEIGHT * length / max(1, height)
    return not reading.text or len("".join(reading.text.split())) >= room


def _is_open(core: Box, faint: FaintText, read: Sequence[Box]) -> bool:
    """Return whether complete readings leave a part of the certain places of a line.

    Two readings of one line do not count together, because a part between them was not read.
    """
    places = Box(*(value // FAINT_PLACE for value in core)).slices
    count = int((faint[places] >= FAINT_CORE_MIN_LOG_ODDS).sum())
    inside = [box for box in read if box.intersects(core)]
    highest = max((min(box.width, box.height) for box in inside), default=0)
    has_several_rows = min(core.width, core.height) > FAINT_SEVERAL_ROWS_HEIGHTS * highest
    groups = [inside] if has_several_rows else [[box] for box in inside]
    return not any(
        (blank_places(faint, group)[places] >= FAINT_CORE_MIN_LOG_ODDS).sum()
        <= FAINT_LINE_MAX_OPEN_SHARE * count
        for group in groups
    )


def _find_parts(
    rest: FaintText, least: float, corner: tuple[int, int] = (0, 0)
) -> Iterator[FaintLine]:
    """Yield the connected places of at least some log odds.

    A component that fills little of its box, or is too thick for a line, is split at a higher
    threshold. If that does not help, a thick one is texture.
    """
    is_text = (rest >= least).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(is_text, connectivity=8)
    for label in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[label])
        window = (slice(y, y + h), slice(x, x + w))
        own = np.where(labels[window] == label, rest[window], np.float32(-np.inf))
        place = (corner[0] + x, corner[1] + y)
        lines = [line for line in _cut_into_rows(own, place, least) if _is_thin(line.core)]
        is_ragged = area < FAINT_PLACE_MIN_FILLED_SHARE * w * h
        if (is_ragged or not lines) and least < FAINT_SPLIT_MAX_LOG_ODDS:
            yield from _find_parts(own, least + FAINT_SPLIT_STEP_LOG_ODDS, place)
        else:
            yield from lines


def _cut_into_rows(own: FaintText, place: tuple[int, int], least: float) -> Iterator[FaintLine]:
    """Yield the lines in connected places, given the column and the row of their first place."""
    for begin, end in _split_rows(own):
        row, start = own[begin:end], (place[0], place[1] + begin)
        peak = float(row.max())
        if peak >= least:
            core = _box_of(row >= min(FAINT_CORE_MIN_LOG_ODDS, peak), start)
            yield FaintLine(_limit_to_line(_box_of(row >= least, start), core), core, peak)


def _limit_to_line(box: Box, core: Box) -> Box:
    """Return the part of a box that can belong to the line of a core."""
    height = min(core.width, core.height)
    along, across = round(FAINT_LINE_GROWTH_HEIGHTS * height), FAINT_LINE_ACROSS_PIXELS
    wide = core.grow(along, across) if core.width >= core.height else core.grow(across, along)
    left, top = max(box.left, wide.left), max(box.top, wide.top)
    right, bottom = min(box.right, wide.right), min(box.bottom, wide.bottom)
    return Box(left, top, right - left, bottom - top)


def _is_thin(box: Box) -> bool:
    """Return whether a box is not too thick for a line of text."""
    return min(box.width, box.height) <= FAINT_LINE_MAX_HEIGHT_PIXELS


def _box_of(places: Cells, corner: tuple[int, int]) -> Box:
    """Return the box around marked places in pixels of the frame, given their first place."""
    rows, columns = (np.flatnonzero(places.any(axis=axis)) for axis in (1, 0))
    left, top = corner[0] + int(columns[0]), corner[1] + int(rows[0])
    width, height = int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1
    return Box(*(FAINT_PLACE * value for value in (left, top, width, height)))


def _split_rows(own: FaintText) -> list[tuple[int, int]]:
    """Return the first row and the row after the last of each line in connected places.

    Lines that are set tightly are divided by rows of places with less certain text.
    """
    if own.shape[0] > own.shape[1]:
        return [(0, own.shape[0])]
    profile = np.clip(own, 0, None).mean(axis=1)
    parts, found = [(0, own.shape[0])], []
    while parts:
        begin, end = parts.pop()
        middles = range(begin + 1, end - 1)
        depths = [
            profile[middle] / max(1e-6, min(profile[begin:middle].max(), profile[middle:end].max()))
            for middle in middles
        ]
        if depths and min(depths) < FAINT_ROW_VALLEY_MAX_SHARE:
            cut = begin + 1 + int(np.argmin(depths))
            parts += [(begin, cut), (cut, end)]
        else:
            found.append((begin, end))
    return sorted(found)


def _join_rows(found: Sequence[FaintLine]) -> list[FaintLine]:
    """Return the lines with those joined that are parts of one horizontal line."""
    joined: list[FaintLine] = []
    for line in sorted(found):
        whole = line
        while part := next((one for one in joined if _is_one_line(one.box, whole.box)), None):
            joined.remove(part)
            whole = whole.join(part)
        joined.append(whole)
    return joined


def _is_one_line(one: Box, other: Box) -> bool:
    """Return whether two boxes are in one row with a gap that a line can have."""
    if one.height > one.width or other.height > other.width:
        return False
    if one.vertical_overlap(other) < ROW_MIN_OVERLAP_SHARE:
        return False
    return -one.shared_width(other) <= FAINT_LINE_GAP_HEIGHTS * min(one.height, other.height)


def _min_log_odds(box: Box) -> float:
    """Return the log odds of text from which a box is a line."""
    is_vertical = box.height > box.width
    return FAINT_VERTICAL_LINE_MIN_LOG_ODDS if is_vertical else FAINT_LINE_MIN_LOG_ODDS


def _is_line_sized(box: Box) -> bool:
    """Return whether a box is as large as a short word."""
    low, high = sorted((box.width, box.height))
    return low >= FAINT_LINE_MIN_HEIGHT_PIXELS and high >= FAINT_LINE_MIN_LENGTH_PIXELS
