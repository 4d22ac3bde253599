"""Which rectangles of a picture to read, given the cells in which text may stand."""

from __future__ import annotations

import cv2
import numpy as np

from safelight.pixels.gate.text_gate import CELL, Cells
from safelight.pixels.geometry import Box

#: A rectangle grows downwards while this much of what it covers is worth reading.
FILLED = 0.75
#: Share of a picture from which it is cheaper read whole.
MOST = 0.7
#: Pixels around a rectangle that are read by the way: the border that a detector needs.
AROUND = 16


def select_crop_regions(cells: Cells, rows: int, columns: int) -> list[Box]:
    """Rectangles, none overlapping another, that cover the cells and one more around them.

    Parameters
    ----------
    cells : ndarray of bool
        As :func:`safelight.pixels.gate.text_gate.find_text_cells` gives them.
    rows, columns : int
        Of the picture in pixels.

    Returns
    -------
    list of Box
        The whole picture when most of it is covered; none when there is nothing to read.
    """
    wide = cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    found: list[tuple[int, int, int, int]] = []  # begin and end of columns, then of rows
    growing: list[tuple[int, int, int, int]] = []
    for number, row in enumerate(wide):
        following = []
        for begin, end in _runs(row):
            best = next((box for box in growing if _fits(box, begin, end)), None)
            if best is not None:
                growing.remove(best)
                begin, end, top = min(begin, best[0]), max(end, best[1]), best[2]
            else:
                top = number
            following.append((begin, end, top, number + 1))
        found += growing
        growing = _apart(following)
    boxes = []
    for begin, end, top, bottom in found + growing:
        x, y = begin * CELL, top * CELL
        boxes.append(Box(x, y, min(end * CELL, columns) - x, min(bottom * CELL, rows) - y))
    cost = sum((w + 2 * AROUND) * (h + 2 * AROUND) for _, _, w, h in boxes)
    return [Box(0, 0, columns, rows)] if cost > MOST * rows * columns else boxes


def _runs(row: Cells) -> list[tuple[int, int]]:
    """Begin and end of the stretches of marked cells of a row."""
    steps = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return list(zip(steps[::2].tolist(), steps[1::2].tolist()))


def _fits(box: tuple[int, int, int, int], begin: int, end: int) -> bool:
    """Whether a rectangle and the run below it are little less than the one around both."""
    if min(end, box[1]) <= max(begin, box[0]):
        return False
    high = box[3] - box[2]
    around = (max(end, box[1]) - min(begin, box[0])) * (high + 1)
    return (box[1] - box[0]) * high + end - begin >= FILLED * around


def _apart(boxes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Rectangles that end in one row, those that grew into each other made one."""
    found: list[tuple[int, int, int, int]] = []
    for box in sorted(boxes):
        if found and box[0] < found[-1][1]:
            last = found[-1]
            found[-1] = (last[0], max(last[1], box[1]), min(last[2], box[2]), box[3])
        else:
            found.append(box)
    return found
