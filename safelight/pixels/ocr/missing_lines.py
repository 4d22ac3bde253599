"""Detection of text that was not read, by gaps in the layout of a block.

The rows of a burned-in block share a left edge and have one pitch. Text was covered by the image
where a row is missing between two others, where a row begins late or is cut by the edge of the
picture, or where a field label has no value, if strokes are visible there. Such text becomes a
reading without text, which is masked if its block holds PHI.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Picture, TextLine
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.line_merging import group_blocks, group_rows
from safelight.pixels.thresholds import (
    COVERED_ROW_MAX_STROKE_SHARE,
    CUT_ROW_EDGE_PIXELS,
    DRAWN_STROKE_MIN_DIFFERENCE_LEVELS,
    FREE_PART_MIN_OVERLAP_SHARE,
    FREE_PART_MIN_WIDTH_HEIGHTS,
    LAYOUT_LINE_MIN_CHARACTERS,
    LEFT_EDGE_TOLERANCE_HEIGHTS,
    MISSING_BEGIN_MAX_WIDTH_HEIGHTS,
    MISSING_ROWS_MAX_COUNT,
    MISSING_ROWS_MIN_OVERLAP_SHARE,
    MISSING_ROWS_PITCH_TOLERANCE,
    MISSING_TEXT_MIN_HEIGHT_PIXELS,
    MISSING_TEXT_MIN_WIDTH_PIXELS,
    MISSING_VALUE_MIN_WIDTH_HEIGHTS,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    RIGHT_EDGE_TOLERANCE_HEIGHTS,
    ROW_PITCH_MAX_HEIGHTS,
    STROKE_BACKGROUND_LEVEL,
    STROKE_MIN_DIFFERENCE_LEVELS,
    TEXT_MIN_STROKE_COLUMN_SHARE,
    TEXT_STROKE_SHARES,
)

#: Difference of each pixel of the stroke picture from its background, in levels.
_Ink = npt.NDArray[np.int16]

_MISSING_ROW, _CUT_ROW = "missing_row", "cut_row"
_LATE_BEGIN, _MISSING_VALUE = "late_begin", "missing_value"
#: Least difference of a stroke in a gap of each kind, and greatest share of strokes.
_STROKES_BY_KIND = {
    _MISSING_ROW: (STROKE_MIN_DIFFERENCE_LEVELS, COVERED_ROW_MAX_STROKE_SHARE),
    _CUT_ROW: (STROKE_MIN_DIFFERENCE_LEVELS, TEXT_STROKE_SHARES[1]),
    _LATE_BEGIN: (DRAWN_STROKE_MIN_DIFFERENCE_LEVELS, TEXT_STROKE_SHARES[1]),
    _MISSING_VALUE: (STROKE_MIN_DIFFERENCE_LEVELS, TEXT_STROKE_SHARES[1]),
}


class _Layout(NamedTuple):
    """Rows of a block of reliable lines.

    Attributes
    ----------
    rows : list of list of TextLine
        At least two, top to bottom; pieces from left to right.
    bands : list of Box
        Box around each row.
    left : int
        Left edge of the block.
    """

    rows: list[list[TextLine]]
    bands: list[Box]
    left: int


class _Gap(NamedTuple):
    """A part of the picture where the layout has a gap of some kind."""

    kind: str
    box: Box
    ink: _Ink


def find_missing_lines(readings: Sequence[Reading], strokes: Picture) -> list[Reading]:
    """Return readings without text where the layout shows text that was not read.

    Parameters
    ----------
    readings : sequence of Reading
        Merged readings of the frame.
    strokes : ndarray of uint8
        Stroke picture of the same frame, shape (rows, columns).
    """
    ink = np.abs(strokes.astype(np.int16) - STROKE_BACKGROUND_LEVEL)
    reliable = [r for r in readings if r.confidence >= OCR_RELIABLE_LINE_MIN_CONFIDENCE]
    taken = [reading.box for reading in reliable]
    gaps = [gap for layout in _find_layouts(reliable) for gap in _find_gaps(layout, ink.shape[0])]
    gaps.sort(key=lambda gap: gap[0] == _MISSING_ROW)
    found = dict.fromkeys(
        part
        for kind, box in gaps
        for part in _find_free_parts(box.clip(*ink.shape), taken)
        if _MISSING_TEXT_RULES(_Gap(kind, part, ink))
    )
    return [Reading(box, "", 0.0) for box in found]


def _find_layouts(readings: Sequence[Reading]) -> Iterator[_Layout]:
    """Yield the layouts of the blocks of upright readings that have at least two rows."""
    lines = [
        reading.to_line(None, "")
        for reading in readings
        if reading.rotation == 0 and len(reading.text) >= LAYOUT_LINE_MIN_CHARACTERS
    ]
    for block in group_blocks(lines):
        members = [lines[index] for index, _ in block.places]
        rows = [[members[i] for i in row] for row in group_rows(members)]
        if len(rows) > 1:
            bands = [Box.around(line.box for line in row) for row in rows]
            yield _Layout(rows, bands, _find_left_edge(bands))


def _find_gaps(layout: _Layout, picture_rows: int) -> Iterator[tuple[str, Box]]:
    """Yield kind and box of the gaps of a layout, in a picture with a number of pixel rows."""
    for box in _find_missing_rows(layout):
        yield _MISSING_ROW, box
    for box in _find_cut_rows(layout, picture_rows):
        yield _CUT_ROW, box
    for box in _find_late_begins(layout):
        yield _LATE_BEGIN, box
    for box in _find_missing_values(layout):
        yield _MISSING_VALUE, box


def _find_left_edge(bands: Sequence[Box]) -> int:
    """Return the left edge that at least two rows share, or that of the first row."""
    lefts = sorted(box.left for box in bands)
    tolerance = LEFT_EDGE_TOLERANCE_HEIGHTS * float(np.median([box.height for box in bands]))
    for one, other in zip(lefts, lefts[1:]):
        if other - one <= tolerance:
            return one
    return bands[0].left


def _find_missing_values(layout: _Layout) -> Iterator[Box]:
    """Yield the room to the right of a label without a value, up to the edge of the block."""
    right = max(box.right for box in layout.bands)
    for row in layout.rows:
        line = row[-1]
        labels = find_field_labels(line.text)
        if not labels or not labels[-1].has_separator:
            continue
        if line.text[labels[-1].value_begin :].strip():
            continue
        box = line.box
        least = MISSING_VALUE_MIN_WIDTH_HEIGHTS * box.height
        yield Box(box.right, box.top, max(right - box.right, least), box.height)


def _measure_pitch(layout: _Layout) -> tuple[float, float]:
    """Return the distance between the rows of a block, 0 if unknown, and the height of a row."""
    steps = np.diff(_get_middles(layout))
    height = float(np.median([box.height for box in layout.bands]))
    near = steps[steps < ROW_PITCH_MAX_HEIGHTS * height]
    if not near.size:
        return 0.0, height
    return float(np.median(near)) if near.size > 2 else float(near.min()), height


def _get_middles(layout: _Layout) -> npt.NDArray[np.float64]:
    """Return the vertical middle of each row."""
    return np.array([box.top + box.height / 2 for box in layout.bands])


def _find_missing_rows(layout: _Layout) -> Iterator[Box]:
    """Yield the rows between two rows whose distance is a multiple of the pitch."""
    pitch, height = _measure_pitch(layout)
    if not pitch:
        return
    bands, middles = layout.bands, _get_middles(layout)
    for index, step in enumerate(np.diff(middles)):
        missing = round(step / pitch) - 1
        overlap = bands[index].horizontal_overlap(bands[index + 1])
        if not 1 <= missing <= MISSING_ROWS_MAX_COUNT or overlap <= MISSING_ROWS_MIN_OVERLAP_SHARE:
            continue
        if abs(step / pitch - missing - 1) >= MISSING_ROWS_PITCH_TOLERANCE:
            continue
        right = max(bands[index].right, bands[index + 1].right)
        for number in range(1, missing + 1):
            middle = middles[index] + number * step / (missing + 1)
            yield _make_row_box(layout.left, right, middle, min(height, pitch))


def _find_cut_rows(layout: _Layout, picture_rows: int) -> Iterator[Box]:
    """Yield the row before the first and after the last, if the edge of the picture cuts it."""
    pitch, height = _measure_pitch(layout)
    if not pitch:
        return
    bands, middles = layout.bands, _get_middles(layout)
    last = picture_rows - CUT_ROW_EDGE_PIXELS
    for middle, band in ((middles[0] - pitch, bands[0]), (middles[-1] + pitch, bands[-1])):
        if middle - height / 2 < CUT_ROW_EDGE_PIXELS or middle + height / 2 > last:
            yield _make_row_box(layout.left, band.right, middle, min(height, pitch))


def _find_late_begins(layout: _Layout) -> Iterator[Box]:
    """Yield the room between the left edge of a block and a single row that begins late.

    Rows that begin late together are the lines of a wrapped value, and rows that end together
    are aligned to the right edge.
    """
    for band in layout.bands:
        left, right = LEFT_EDGE_TOLERANCE_HEIGHTS, RIGHT_EDGE_TOLERANCE_HEIGHTS
        begins = sum(abs(o.left - band.left) <= left * band.height for o in layout.bands)
        ends = sum(abs(o.right - band.right) <= right * band.height for o in layout.bands)
        if begins != 1 or ends != 1:
            continue
        width = band.left - layout.left
        most = max(band.width, MISSING_BEGIN_MAX_WIDTH_HEIGHTS * band.height)
        if left * band.height < width < most:
            yield Box(layout.left, band.top, width, band.height)


def _is_too_small(gap: _Gap) -> bool:
    """Return whether a gap is too small for text."""
    box = gap.box
    return box.width < MISSING_TEXT_MIN_WIDTH_PIXELS or box.height < MISSING_TEXT_MIN_HEIGHT_PIXELS


def _has_strokes_of_text(gap: _Gap) -> bool:
    """Return whether the strokes in a gap are distributed like those of text."""
    level, most = _STROKES_BY_KIND[gap.kind]
    strokes = gap.ink[gap.box.slices] > level
    if not TEXT_STROKE_SHARES[0] <= float(strokes.mean()) <= most:
        return False
    return float(strokes.any(axis=0).mean()) > TEXT_MIN_STROKE_COLUMN_SHARE


def _is_missing_row(gap: _Gap) -> bool:
    """Return whether a row that is missing between two others holds text or bright anatomy."""
    return gap.kind == _MISSING_ROW and _has_strokes_of_text(gap)


def _is_cut_row(gap: _Gap) -> bool:
    """Return whether a row that the edge of the picture cuts holds text."""
    return gap.kind == _CUT_ROW and _has_strokes_of_text(gap)


def _is_late_begin(gap: _Gap) -> bool:
    """Return whether the room before a row that begins late holds drawn text."""
    return gap.kind == _LATE_BEGIN and _has_strokes_of_text(gap)


def _is_missing_value(gap: _Gap) -> bool:
    """Return whether the room after a field label without a value holds text."""
    return gap.kind == _MISSING_VALUE and _has_strokes_of_text(gap)


#: Decides whether a gap in the layout holds text that was not read.
_MISSING_TEXT_RULES = RuleList[[_Gap], bool](
    "pixels.missing_line",
    rule_if("too_small", _is_too_small, False),
    rule_if(_MISSING_ROW, _is_missing_row, True),
    rule_if(_CUT_ROW, _is_cut_row, True),
    rule_if(_LATE_BEGIN, _is_late_begin, True),
    rule_if(_MISSING_VALUE, _is_missing_value, True),
    default=False,
)


def _find_free_parts(box: Box, taken: Sequence[Box]) -> list[Box]:
    """Return the parts of a box, left to right, that no reading covers."""
    parts = [box]
    for other in taken:
        if box.vertical_overlap(other) < FREE_PART_MIN_OVERLAP_SHARE:
            continue
        parts = [rest for part in parts for rest in _cut_out(part, other)]
    return [part for part in parts if part.width >= FREE_PART_MIN_WIDTH_HEIGHTS * part.height]


def _cut_out(part: Box, other: Box) -> Iterator[Box]:
    """Yield the parts of a box to the left and right of another one."""
    left, right = min(part.right, other.left), max(part.left, other.right)
    if left > part.left:
        yield Box(part.left, part.top, left - part.left, part.height)
    if right < part.right:
        yield Box(right, part.top, part.right - right, part.height)


def _make_row_box(left: int, right: int, middle: float, height: float) -> Box:
    """Return the box of a row between two edges, by its vertical middle."""
    return Box(left, round(middle - height / 2), right - left, round(height))
