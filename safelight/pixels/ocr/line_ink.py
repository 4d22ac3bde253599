"""Ink of the lines that were read, and the rest of lines that were read in part.

A device draws a block of text in one level. Where the anatomy behind it is about as bright, the
text is hardly visible, and a line is read in part or not at all. The pixels of exactly this level
show the rest of the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.faint_cnn import FAINT_PLACE
from safelight.pixels.gate.faint_text import FaintText
from safelight.pixels.gate.gate_cnn import PLACE, text_log_odds
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.unread_text import measure_contrast
from safelight.pixels.thresholds import (
    FAINT_LINE_MAX_CONTRAST_LEVELS,
    FAINT_LINE_REST_MIN_LOG_ODDS,
    INK_LINE_MIN_CHARACTERS,
    INK_LINE_MIN_CONFIDENCE,
    INK_MAX_BACKGROUND_RATIO,
    INK_MIN_STROKE_SHARE,
    INK_STROKE_MIN_DIFFERENCE_LEVELS,
    INK_TOLERANCE_LEVELS,
    LINE_INKS_MAX_COUNT,
    LINE_PARTS_MAX_GAP_HEIGHTS,
    LINE_REST_CONTEXT_PIXELS,
    LINE_REST_INK_SHARES,
    LINE_REST_MAX_GAP_HEIGHTS,
    LINE_REST_MAX_LENGTH_HEIGHTS,
    LINE_REST_MAX_OUTSIDE_RATIO,
    LINE_REST_MIN_LENGTH_HEIGHTS,
    LINE_REST_MIN_LOG_ODDS,
    LINE_REST_QUIET_MARGIN_HEIGHTS,
    LOCAL_CONTRAST_MEAN_LEVEL,
    ROW_MIN_OVERLAP_SHARE,
)

#: Levels of a picture of one sample: stored values, or a picture of 8 bits.
Levels = npt.NDArray[np.integer]


class Ink(NamedTuple):
    """Levels of the pixels of an ink: lowest and highest."""

    low: int
    high: int


def find_inks(readings: Sequence[Reading], levels: Levels, contrast: Picture) -> list[Ink]:
    """Return the inks of the reliable lines, the most frequent first.

    Parameters
    ----------
    readings : sequence of Reading
        Readings of the frame.
    levels : ndarray of int
        (rows, columns).
    contrast : ndarray of uint8
        Picture of local contrast of the same frame.
    """
    counts: dict[Ink, int] = {}
    tolerance = max(1, round(INK_TOLERANCE_LEVELS * float(np.ptp(levels)) / 255))
    for reading in readings:
        if not _is_read(reading):
            continue
        ink = _measure_ink(levels[reading.box.slices], contrast[reading.box.slices], tolerance)
        if ink is None:
            continue
        near = next((one for one in counts if abs(one.low - ink.low) <= tolerance), ink)
        counts[near] = counts.get(near, 0) + len(reading.text)
    return sorted(counts, key=lambda ink: -counts[ink])[:LINE_INKS_MAX_COUNT]


def _measure_ink(levels: Levels, contrast: Picture, tolerance: int) -> Ink | None:
    """Return the ink of a line: the level that most of its strokes have and little else.

    Parameters
    ----------
    levels, contrast : ndarray
        The box of the line.
    tolerance : int
        Levels on either side of the ink's level.
    """
    difference = contrast.astype(np.int16) - LOCAL_CONTRAST_MEAN_LEVEL
    best: tuple[float, Ink] | None = None
    for strokes in (
        difference > INK_STROKE_MIN_DIFFERENCE_LEVELS,
        difference < -INK_STROKE_MIN_DIFFERENCE_LEVELS,
    ):
        inside, outside = levels[strokes], levels[~strokes]
        if not inside.size or not outside.size:
            continue
        low = int(inside.min())
        level = low + int(np.bincount((inside - low).astype(np.int64)).argmax())
        ink = Ink(level - tolerance, level + tolerance)
        own, other = (float(((n >= ink.low) & (n <= ink.high)).mean()) for n in (inside, outside))
        if own >= INK_MIN_STROKE_SHARE and other <= INK_MAX_BACKGROUND_RATIO * own:
            best = max(best or (0.0, ink), (own - other, ink))
    return best[1] if best else None


def render_ink(levels: Levels, ink: Ink) -> Picture:
    """Return the pixels of an ink in white on black.

    Parameters
    ----------
    levels : ndarray of int
        (rows, columns).
    ink : Ink
    """
    return np.asarray(((levels >= ink.low) & (levels <= ink.high)) * np.uint8(255), np.uint8)


def add_line_rests(
    readings: Sequence[Reading],
    shown: Picture,
    contrast: Picture,
    rated: FaintText,
    inks: Sequence[Picture],
) -> list[Reading]:
    """Return the readings with the boxes in which a line that was read in part continues.

    The rest of a line is text in its ink. The rest of a faint line, which has little contrast with
    its background, is also text in local contrast.

    Parameters
    ----------
    readings : sequence of Reading
        Merged readings of the frame.
    shown : ndarray of uint8
        The frame, (rows, columns).
    contrast : ndarray of uint8
        Picture of local contrast.
    rated : ndarray of float32
        Log odds of faint text.
    inks : sequence of ndarray of uint8
        Results of :func:`render_ink`.
    """
    lines = [reading for reading in readings if _is_read(reading)]
    faint = [line for line in lines if _is_faint(line, shown, contrast)]
    shape = contrast.shape
    clear_text = _find_text(lines, inks, shape, LINE_REST_MIN_LOG_ODDS)
    clear_text &= _find_ink_places(inks, shape)
    faint_text = _find_faint_text(rated, shape)

    def follow(line: Reading) -> Reading:
        others = [other.box for other in readings if other is not line and other.text]
        if line in faint:
            near = [other.box for other in faint if other is not line]
            return replace(line, rests=tuple(_follow(line, faint_text, others, near)))
        boxes = _follow(line, clear_text, others)
        return replace(
            line, rests=tuple(box for box in boxes if any(_is_row(ink, box) for ink in inks))
        )

    return [follow(reading) if reading in lines else reading for reading in readings]


def _find_faint_text(rated: FaintText, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return the places of ``PLACE`` pixels that hold faint text."""
    side = PLACE // FAINT_PLACE
    rows, columns = (-(-length // PLACE) for length in shape)
    missing = ((0, rows * side - rated.shape[0]), (0, columns * side - rated.shape[1]))
    is_text = np.pad(rated >= FAINT_LINE_REST_MIN_LOG_ODDS, missing)
    return np.asarray(is_text.reshape(rows, side, columns, side).any(axis=(1, 3)), bool)


def _is_read(reading: Reading) -> bool:
    """Return whether a line is reliable enough to follow it, and to measure its ink."""
    letters = sum(map(str.isalnum, reading.text))
    return reading.confidence >= INK_LINE_MIN_CONFIDENCE and letters >= INK_LINE_MIN_CHARACTERS


def _is_faint(line: Reading, shown: Picture, contrast: Picture) -> bool:
    """Return whether the strokes of a line have little contrast with its background."""
    area = line.box.slices
    return 0 < measure_contrast(shown[area], contrast[area]) < FAINT_LINE_MAX_CONTRAST_LEVELS


def _find_text(
    lines: Sequence[Reading], pictures: Sequence[Picture], shape: tuple[int, ...], least: float
) -> npt.NDArray[np.bool_]:
    """Return the places of at least some log odds of text in a picture, in the rows of lines."""
    is_text = np.zeros([-(-side // PLACE) for side in shape], bool)
    for area in _find_areas(lines, shape) if pictures else ():
        top, left = area.top // PLACE, area.left // PLACE
        for picture in pictures:
            rated = text_log_odds(np.ascontiguousarray(picture[area.slices]))
            rows, columns = rated.shape
            is_text[top : top + rows, left : left + columns] |= rated > least
    return is_text


def _find_ink_places(inks: Sequence[Picture], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return the places that hold some of an ink and are not filled with it."""
    rows, columns = (-(-side // PLACE) for side in shape)
    missing = ((0, rows * PLACE - shape[0]), (0, columns * PLACE - shape[1]))
    low, high = LINE_REST_INK_SHARES
    found = np.zeros((rows, columns), bool)
    for ink in inks:
        pixels = np.pad(ink > 0, missing).reshape(rows, PLACE, columns, PLACE)
        share = pixels.mean(axis=(1, 3))
        found |= (share >= low) & (share <= high)
    return found


def _is_row(ink: Picture, box: Box) -> bool:
    """Return whether a box holds an ink that is not continued above and below it."""
    inside = float((ink[box.slices] > 0).mean())
    margin = max(2, round(LINE_REST_QUIET_MARGIN_HEIGHTS * min(box.width, box.height)))
    around = box.grow(0, margin) if box.width >= box.height else box.grow(margin, 0)
    area = around.slices
    count = float((ink[area] > 0).sum()) - inside * box.width * box.height
    outside = max(1, ink[area].size - box.width * box.height)
    return inside > 0 and count / outside <= LINE_REST_MAX_OUTSIDE_RATIO * inside


def _find_areas(lines: Sequence[Reading], shape: tuple[int, ...]) -> list[Box]:
    """Return the rows of the horizontal lines and the columns of the vertical ones."""
    found = []
    for is_turned in (False, True):
        own = [line.box for line in lines if (line.rotation in (90, 270)) == is_turned]
        if not own:
            continue
        box = Box.around(own)
        margin = LINE_REST_CONTEXT_PIXELS
        if is_turned:
            left = max(0, box.left - margin) // PLACE * PLACE
            found.append(Box(left, 0, min(shape[1], box.right + margin) - left, shape[0]))
        else:
            top = max(0, box.top - margin) // PLACE * PLACE
            found.append(Box(0, top, shape[1], min(shape[0], box.bottom + margin) - top))
    return found


def _follow(
    line: Reading,
    is_text: npt.NDArray[np.bool_],
    others: Sequence[Box],
    parts: Sequence[Box] = (),
) -> Iterator[Box]:
    """Yield the boxes in which a line continues at its ends, up to the lines next to it.

    Parameters
    ----------
    line : Reading
    is_text : ndarray of bool
        Whether each place of the frame is text.
    others : sequence of Box
        All other lines.
    parts : sequence of Box
        Lines that are parts of the same one if they are near in its row.
    """
    is_turned = line.rotation in (90, 270)
    box = _turn(line.box) if is_turned else line.box
    places = is_text.T if is_turned else is_text
    beside, near = (
        [other for other in map(_turn, boxes) if _is_in_row(other, box)]
        if is_turned
        else [other for other in boxes if _is_in_row(other, box)]
        for boxes in (others, parts)
    )
    middle = box.height // 4
    rows = slice((box.top + middle) // PLACE, -(-(box.bottom - middle) // PLACE))
    row = np.asarray(places[rows].any(axis=0), bool)
    right_limit = min((o.left for o in beside if o.left >= box.right), default=row.size * PLACE)
    left_limit = max((o.right for o in beside if o.right <= box.left), default=0)
    end = _walk(row, box.right, right_limit, 1, box.height)
    begin = _walk(row, box.left, left_limit, -1, box.height)
    widest = LINE_PARTS_MAX_GAP_HEIGHTS * box.height
    end = max([end, *(o.left for o in near if 0 <= o.left - box.right <= widest)])
    begin = min([begin, *(o.right for o in near if 0 <= box.left - o.right <= widest)])
    least = LINE_REST_MIN_LENGTH_HEIGHTS * box.height
    for rest in (
        Box(begin, box.top, box.left - begin, box.height),
        Box(box.right, box.top, end - box.right, box.height),
    ):
        if rest.width >= least:
            yield _turn(rest) if is_turned else rest


def _is_in_row(one: Box, line: Box) -> bool:
    """Return whether a box shares most of the height of a line."""
    return one.vertical_overlap(line) > ROW_MIN_OVERLAP_SHARE


def _turn(box: Box) -> Box:
    """Return a box with rows and columns exchanged."""
    return Box(box.top, box.left, box.height, box.width)


def _walk(row: npt.NDArray[np.bool_], begin: int, limit: int, step: int, height: int) -> int:
    """Return the pixel up to which text continues from another, without a wide gap.

    Parameters
    ----------
    row : ndarray of bool
        Whether each place along the line is text.
    begin, limit : int
        First pixel, and the pixel to stop at.
    step : int
        1 to the right, -1 to the left.
    height : int
        Height of the line.
    """
    last, gap = begin, LINE_REST_MAX_GAP_HEIGHTS * height
    farthest = begin + step * round(LINE_REST_MAX_LENGTH_HEIGHTS * height)
    # The place that the end of the line cuts holds the last character of the line.
    at = -(-begin // PLACE) * PLACE if step > 0 else begin // PLACE * PLACE
    while (limit - at) * step > 0 and (farthest - at) * step > 0 and abs(at - last) <= gap:
        place = min(max(0, at if step > 0 else at - 1) // PLACE, row.size - 1)
        edge = (place + 1) * PLACE if step > 0 else place * PLACE
        if row[place]:
            last = edge
        at = edge if edge != at else at + step
    return min(last, limit) if step > 0 else max(last, limit)
