"""Find tilted text, which the gate network does not see, in a picture turned by 45 degrees.

The network was trained on level text and sees it up to about 20 degrees. In a turned picture, text
of 25 to 65 degrees is nearly level.
"""

from __future__ import annotations

import cv2
import numpy as np

from safelight.pixels.gate.text_gate import Cells, cell_grid_shape, find_text_cells
from safelight.pixels.gate.turned_frame import TurnedFrame
from safelight.pixels.gate.windowing import brightest_channel
from safelight.pixels.models import Picture
from safelight.pixels.thresholds import (
    GATE_ALL_TEXT_SCALES,
    GATE_CELL_PIXELS,
    GATE_PICTURE_MIN_LOG_ODDS,
    TILTED_GATE_DEGREES,
    TILTED_GATE_SCALE,
)


def find_tilted_cells(picture: Picture) -> Cells:
    """Return the cells of a picture that can hold text tilted by 25 to 65 degrees.

    Parameters
    ----------
    picture : ndarray
        (rows, columns) gray or (rows, columns, 3) RGB, 8 bits.

    Returns
    -------
    ndarray of bool
        As of :func:`safelight.pixels.gate.text_gate.find_text_cells`.
    """
    gray = brightest_channel(picture)
    turned = TurnedFrame(TILTED_GATE_DEGREES, gray.shape, TILTED_GATE_SCALE)
    level = turned.turn(gray, is_reflected=True)
    seen = find_text_cells(level, GATE_ALL_TEXT_SCALES, GATE_PICTURE_MIN_LOG_ODDS)
    found = np.zeros(cell_grid_shape(picture), bool)
    if seen.any():
        middles = (np.argwhere(seen)[:, ::-1] + 0.5) * GATE_CELL_PIXELS
        column, row = (turned.map_back(middles) // GATE_CELL_PIXELS).astype(int).T
        is_inside = (row >= 0) & (row < found.shape[0]) & (column >= 0) & (column < found.shape[1])
        found[row[is_inside], column[is_inside]] = True
        found = cv2.dilate(found.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return found
