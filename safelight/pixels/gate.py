"""A cheap look at a frame: could there be text? Only frames that pass go to OCR.

Text is many thin strokes of about one height, side by side. Anatomy has strokes too, so the
gate lets many frames through that hold no text; what it stops are those that cannot hold any.
It never believes (0028,0301).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.ocr.base import Picture
from safelight.pixels.render import brightest

#: Contrast of a stroke against what is around it, in levels of 255.
CONTRAST = 24
#: Heights of characters in pixels, by class; larger ones are looked for in a smaller picture.
CLASSES = ((3, 9, 1.0), (7, 18, 1.0), (15, 40, 0.5), (34, 90, 0.25))
#: Kernel of the top hats: wider than the pen at the class's scale.
PEN = 9


def may_hold_text(shown: Picture) -> bool:
    """Whether a picture has to be read: somewhere strokes stand side by side like characters."""
    lightness = brightest(shown)
    for low, high, factor in CLASSES:
        if low > min(lightness.shape):
            return False
        small = lightness
        if factor < 1:
            method = cv2.INTER_AREA
            small = np.asarray(
                cv2.resize(lightness, None, fx=factor, fy=factor, interpolation=method), np.uint8
            )
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            hat = cv2.morphologyEx(small, operation, np.ones((PEN, PEN), np.uint8))
            if _has_row(np.asarray(hat, np.uint8), low * factor, high * factor):
                return True
    return False


def _has_row(hat: Picture, low: float, high: float) -> bool:
    """Whether strokes of one height class stand in a row or in a column."""
    mask = (hat >= CONTRAST).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    for across in (False, True):
        tall, long = (widths, heights) if across else (heights, widths)
        fits = (tall >= low) & (tall <= high) & (long <= 12 * high)
        fits[0] = False
        if count > 1 and fits.any() and _side_by_side(fits[labels], low, high, across):
            return True
    return False


def _side_by_side(chosen: npt.NDArray[Any], low: float, high: float, across: bool) -> bool:
    strokes = chosen.astype(np.uint8)
    reach = max(3, round(low * 1.6))
    kernel = np.ones((reach, 1) if across else (1, reach), np.uint8)
    joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, kernel)
    rows, where, shapes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    begins = np.diff(strokes, axis=0 if across else 1, prepend=0) == 1
    crossings = np.bincount(np.asarray(where)[begins], minlength=rows)
    run = shapes[:, cv2.CC_STAT_HEIGHT if across else cv2.CC_STAT_WIDTH]
    thick = shapes[:, cv2.CC_STAT_WIDTH if across else cv2.CC_STAT_HEIGHT]
    # A row of characters goes from paper to ink at least twice in each of its pixel rows.
    like = (run >= 2.4 * low) & (thick <= 1.6 * high) & (crossings >= 2 * np.maximum(thick, 3))
    like[0] = False
    return bool(like.any())
