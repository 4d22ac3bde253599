"""Places of a frame that look like lines of text in local contrast, whatever their contrast is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.faint_cnn import FAINT_PLACE, faint_text_log_odds
from safelight.pixels.gate.text_gate import Cells, keep_word_sized_groups
from safelight.pixels.geometry import Box
from safelight.pixels.thresholds import (
    FAINT_CELL_MIN_LOG_ODDS,
    FAINT_PLACE_MIN_LOG_ODDS,
    FAINT_SAME_TEXT_MIN_SHARE,
    FAINT_SCALED_MIN_SIDE_PIXELS,
    FAINT_TEXT_SCALES,
    GATE_CELL_PIXELS,
)

#: Log odds of text for each square of ``FAINT_PLACE`` pixels of a frame.
FaintText = npt.NDArray[np.float32]


def rate_faint_text(values: npt.NDArray[Any]) -> FaintText:
    """Return the log odds of text for each square of ``FAINT_PLACE`` pixels, at several scales.

    Parameters
    ----------
    values : ndarray
        (rows, columns): stored values, or a gray picture.
    """
    rated = faint_text_log_odds(values)
    for scale in FAINT_TEXT_SCALES[1:]:
        if min(values.shape) * scale < FAINT_SCALED_MIN_SIDE_PIXELS:
            break
        numbers = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0)
        reduced = cv2.resize(numbers, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        size = (rated.shape[1], rated.shape[0])
        larger = cv2.resize(faint_text_log_odds(reduced), size, interpolation=cv2.INTER_NEAREST)
        rated = np.maximum(rated, _keep_new_text(np.asarray(larger, np.float32), rated))
    return rated


def _keep_new_text(larger: FaintText, rated: FaintText) -> FaintText:
    """Return the text at a smaller scale that the larger scale did not show, which is more exact.

    The rows of small text run into each other at a smaller scale.
    """
    is_text = (larger >= FAINT_PLACE_MIN_LOG_ODDS).astype(np.uint8)
    count, labels = cv2.connectedComponents(is_text, connectivity=8)
    known = np.bincount(labels[rated >= FAINT_PLACE_MIN_LOG_ODDS], minlength=count)
    is_known = known > FAINT_SAME_TEXT_MIN_SHARE * np.bincount(labels.ravel(), minlength=count)
    is_known[0] = True
    return np.asarray(np.where(is_known[labels], np.float32(-np.inf), larger), np.float32)


def cut_places(faint: FaintText, area: Box) -> FaintText:
    """Return the log odds of an area of a frame, of which the edges are rounded to places.

    Parameters
    ----------
    faint : ndarray of float32
        Result of :func:`rate_faint_text`.
    area : Box
        In pixels of the frame.
    """
    top, left = area.top // FAINT_PLACE, area.left // FAINT_PLACE
    rows, columns = -(-area.height // FAINT_PLACE), -(-area.width // FAINT_PLACE)
    cut = faint[top : top + rows, left : left + columns]
    missing = ((0, rows - cut.shape[0]), (0, columns - cut.shape[1]))
    return np.pad(cut, missing, constant_values=-np.inf)


def find_faint_cells(faint: FaintText, min_log_odds: float = FAINT_CELL_MIN_LOG_ODDS) -> Cells:
    """Return the cells of a frame that can hold a word, for the detector of lines.

    Parameters
    ----------
    faint : ndarray of float32
        Result of :func:`rate_faint_text`.
    min_log_odds : float
    """
    side = GATE_CELL_PIXELS // FAINT_PLACE
    rows, columns = (-(-length // side) for length in faint.shape)
    missing = ((0, rows * side - faint.shape[0]), (0, columns * side - faint.shape[1]))
    is_text = np.pad(faint >= min_log_odds, missing).reshape(rows, side, columns, side)
    return keep_word_sized_groups(np.asarray(is_text.sum(axis=(1, 3)) >= side))
