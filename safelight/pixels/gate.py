"""A cheap look at a frame: could there be text? Only frames that pass go to OCR.

Text is many thin strokes of about one height and about one brightness, side by side.
Anatomy has strokes too, so the gate lets many frames through that hold no text; what it
stops are the frames that cannot hold any. It never believes (0028,0301).
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.ocr.base import Box, Picture
from safelight.pixels.render import brightest

#: Contrast of a stroke against what is around it, in levels of 255.
CONTRAST = 20
#: Height classes of characters in pixels, each with its kernel: wider than the pen.
CLASSES = ((3, 9, 5), (7, 18, 9), (15, 40, 17), (34, 90, 35))
#: Characters side by side that make a line; shorter text passes by its own contrast.
CHARACTERS = 3


def candidates(shown: Picture) -> list[Box]:
    """Places in a picture where strokes stand side by side like characters.

    Returns
    -------
    list of (x, y, width, height)
        Generous: every text, and some anatomy. Empty when there can be no text.
    """
    lightness = brightest(shown)
    found: list[Box] = []
    for low, high, pen in CLASSES:
        if low > min(lightness.shape):
            break
        factor = 1.0 if pen <= 9 else 9 / pen
        small = lightness
        if factor < 1:
            small = np.asarray(
                cv2.resize(lightness, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA),
                np.uint8,
            )
        kernel = np.ones((min(pen, 9), min(pen, 9)), np.uint8)
        for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
            hat = cv2.morphologyEx(small, operation, kernel)
            for box in _rows(np.asarray(hat, np.uint8), low * factor, high * factor):
                x, y, w, h = (round(side / factor) for side in box)
                found.append((x, y, w, h))
    return found


def may_hold_text(shown: Picture) -> bool:
    """Whether a picture has to be read."""
    return bool(candidates(shown))


def _rows(hat: Picture, low: float, high: float) -> list[Box]:
    """Runs of strokes of one height class, along rows and along columns."""
    mask = (hat >= CONTRAST).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count <= 1:
        return []
    widths, heights = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    peaks = np.zeros(count, np.uint8)
    np.maximum.at(peaks, labels.ravel(), hat.ravel())
    boxes = []
    for across in (False, True):
        tall, long = (widths, heights) if across else (heights, widths)
        fits = (tall >= low) & (tall <= high) & (long <= 12 * high) & (peaks >= 2 * CONTRAST)
        fits[0] = False
        if np.count_nonzero(fits) == 0:
            continue
        strokes = fits[labels].astype(np.uint8)
        reach = max(3, round(low * 1.6))
        kernel = np.ones((reach, 1) if across else (1, reach), np.uint8)
        joined = cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, kernel)
        rows, where, shapes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        ends = _transitions(strokes, where, rows, across)
        for row in range(1, rows):
            x, y, w, h = (int(value) for value in shapes[row][:4])
            run, thick = (h, w) if across else (w, h)
            # A row of characters crosses from paper to ink and back again at least twice per
            # character height of its length.
            if run >= CHARACTERS * low * 0.8 and thick <= 1.6 * high and ends[row] >= 2 * h_(thick):
                boxes.append((x, y, w, h))
    return boxes


def h_(thick: int) -> int:
    return max(3, thick)


def _transitions(
    strokes: npt.NDArray[np.uint8], where: npt.NDArray[np.int32], rows: int, across: bool
) -> npt.NDArray[np.int64]:
    """For each run how often ink begins in it, over all its pixel rows."""
    axis = 0 if across else 1
    begins = np.diff(strokes, axis=axis, prepend=0) == 1
    return np.bincount(where[begins], minlength=rows)
