"""Select the rectangles of a picture that are read, given its text cells."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from safelight.pixels.gate.text_gate import Cells
from safelight.pixels.geometry import Box
from safelight.pixels.thresholds import (
    CROP_MIN_FILLED_SHARE,
    CROP_WHOLE_PICTURE_MIN_SHARE,
    GATE_CELL_PIXELS,
    OCR_DETECTOR_MARGIN_PIXELS,
)


class _CellRange(NamedTuple):
    """A rectangle of cells; ends are not included."""

    first_column: int
    end_column: int
    first_row: int
    end_row: int

    def to_box(self, rows: int, columns: int) -> Box:
        """Return the pixels of the cells in a picture of a size."""
        left, top = self.first_column * GATE_CELL_PIXELS, self.first_row * GATE_CELL_PIXELS
        width = min(self.end_column * GATE_CELL_PIXELS, columns) - left
        return Box(left, top, width, min(self.end_row * GATE_CELL_PIXELS, rows) - top)


def select_crop_regions(cells: Cells, rows: int, columns: int) -> list[Box]:
    """Return rectangles that cover the text cells and one more cell around them.

    Parameters
    ----------
    cells : ndarray of bool
        Result of :func:`safelight.pixels.gate.text_gate.find_text_cells`.
    rows, columns : int
        Size of the picture in pixels.

    Returns
    -------
    list of Box
        Rectangles that do not overlap: the whole picture if most of it is covered, and none if
        there is nothing to read.
    """
    wide = cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    complete: list[_CellRange] = []
    growing: list[_CellRange] = []
    for number, row in enumerate(wide):
        following = []
        for begin, end in _find_runs(row):
            above = next((region for region in growing if _can_extend(region, begin, end)), None)
            if above is None:
                following.append(_CellRange(begin, end, number, number + 1))
                continue
            growing.remove(above)
            first, last = min(begin, above.first_column), max(end, above.end_column)
            following.append(_CellRange(first, last, above.first_row, number + 1))
        complete += growing
        growing = _merge_overlapping(following)
    boxes = [region.to_box(rows, columns) for region in complete + growing]
    margins = 2 * OCR_DETECTOR_MARGIN_PIXELS
    cost = sum((box.width + margins) * (box.height + margins) for box in boxes)
    is_most = cost > CROP_WHOLE_PICTURE_MIN_SHARE * rows * columns
    return [Box(0, 0, columns, rows)] if is_most else boxes


def _find_runs(row: Cells) -> list[tuple[int, int]]:
    """Return the begin and the end of each run of marked cells in a row."""
    steps = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist()))


def _can_extend(region: _CellRange, begin: int, end: int) -> bool:
    """Return whether a region and a run below it fill most of the rectangle around both."""
    if min(end, region.end_column) <= max(begin, region.first_column):
        return False
    height = region.end_row - region.first_row
    width = region.end_column - region.first_column
    area = (max(end, region.end_column) - min(begin, region.first_column)) * (height + 1)
    return width * height + end - begin >= CROP_MIN_FILLED_SHARE * area


def _merge_overlapping(regions: list[_CellRange]) -> list[_CellRange]:
    """Return regions that end in one row, with those that grew into each other merged."""
    found: list[_CellRange] = []
    for region in sorted(regions):
        if found and region.first_column < found[-1].end_column:
            last = found[-1]
            end = max(last.end_column, region.end_column)
            top = min(last.first_row, region.first_row)
            found[-1] = _CellRange(last.first_column, end, top, region.end_row)
        else:
            found.append(region)
    return found
