"""Render ink that the other pictures hide: of one level in texture, or of very low contrast.

Both are searched in the stored values: ink that a device draws has exactly one value there, and
a difference of a few values of 4096 is still visible. Text of low contrast is shown by its
difference from the local mean in local standard deviations.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.windowing import brightest_channel, split_rows
from safelight.pixels.models import Picture
from safelight.pixels.thresholds import (
    COLORED_MIN_DIFFERENCE_LEVELS,
    INK_MAX_AREA_SHARE,
    INK_MIN_FREQUENCY_RATIO,
    INK_MIN_PIXELS,
    INK_NEIGHBOR_LEVELS,
    INKS_MAX_COUNT,
    LOCAL_CONTRAST_DEVIATION_LEVELS,
    LOCAL_CONTRAST_MEAN_LEVEL,
    LOCAL_CONTRAST_MIN_SHARE,
    LOCAL_CONTRAST_WINDOW_PIXELS,
)

#: Range of values above which their levels are not counted one by one.
_MAX_RANGE = 0xFFFF


def render_chroma(picture: Picture) -> tuple[Picture, ...]:
    """Return the difference of each pixel from gray; no picture if too few pixels have a color."""
    if picture.ndim == 2:
        return ()
    chroma = np.ptp(picture, axis=2)
    colored = int((chroma > COLORED_MIN_DIFFERENCE_LEVELS).sum())
    return (np.asarray(chroma, np.uint8),) if colored >= INK_MIN_PIXELS else ()


def render_inks(values: npt.NDArray[Any], picture: Picture) -> tuple[Picture, ...]:
    """Return a picture for each level that a device seems to draw in: its pixels white on black.

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, samples).
    picture : ndarray
        The same values rendered in 8 bits; used if the values are not integers of one sample.
    """
    gray = values if values.ndim == 2 and values.dtype.kind in "iu" else brightest_channel(picture)
    low, high = int(gray.min()), int(gray.max())
    if high - low > _MAX_RANGE:
        gray, low, high = brightest_channel(picture), 0, 255
    window = np.ones(2 * INK_NEIGHBOR_LEVELS + 1)
    size = max(high - low + 1, window.size)
    counts = np.zeros(size, np.int64)
    for rows in split_rows(gray.shape[0]):
        counts += np.bincount((gray[rows].astype(np.int64) - low).ravel(), minlength=size)
    window[INK_NEIGHBOR_LEVELS] = 0
    around = np.convolve(counts, window, "same") / np.convolve(np.ones_like(counts), window, "same")
    ratio = counts / np.maximum(around, 1)
    is_frequent = (ratio >= INK_MIN_FREQUENCY_RATIO) & (counts >= INK_MIN_PIXELS)
    levels = np.flatnonzero(is_frequent & (counts <= INK_MAX_AREA_SHARE * gray.size))
    clearest = levels[np.argsort(-ratio[levels], kind="stable")][:INKS_MAX_COUNT]
    return tuple(np.asarray((gray == n + low) * np.uint8(255), np.uint8) for n in clearest)


def render_local_contrast(values: npt.NDArray[Any], picture: Picture) -> tuple[Picture, ...]:
    """Return a picture with the same mean and contrast everywhere, which shows ink of any contrast.

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, samples).
    picture : ndarray
        The same values rendered in 8 bits; used for colors.

    Returns
    -------
    tuple of ndarray
        One picture, mid gray where a value is the mean of its surroundings; none if all values
        are equal.
    """
    gray = values if values.ndim == 2 else brightest_channel(picture)
    spread = float(np.ptp(gray))
    if not 0 < spread < np.inf:
        return ()
    drawn = np.empty(gray.shape, np.uint8)
    margin = LOCAL_CONTRAST_WINDOW_PIXELS
    for rows in split_rows(gray.shape[0]):
        above = max(0, rows.start - margin)
        band = _normalize_band(gray[above : rows.stop + margin], spread)
        drawn[rows] = band[rows.start - above :][: rows.stop - rows.start]
    return (drawn,)


def _normalize_band(values: npt.NDArray[Any], spread: float) -> Picture:
    """Return the local contrast of some rows; ``spread`` is the range of all values."""
    numbers = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0)
    numbers -= numbers.mean()
    window = (LOCAL_CONTRAST_WINDOW_PIXELS, LOCAL_CONTRAST_WINDOW_PIXELS)
    mean = cv2.boxFilter(numbers, -1, window)
    variance = cv2.boxFilter(numbers * numbers, -1, window) - mean * mean
    deviation = np.sqrt(np.maximum(variance, 0)) + spread * LOCAL_CONTRAST_MIN_SHARE
    levels = LOCAL_CONTRAST_DEVIATION_LEVELS * (numbers - mean) / deviation
    return np.asarray(np.rint(np.clip(LOCAL_CONTRAST_MEAN_LEVEL + levels, 0, 255)), np.uint8)
