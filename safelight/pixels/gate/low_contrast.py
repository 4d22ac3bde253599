"""Pictures of what the plain ones hide: ink of one level in texture, ink of next to no contrast.

They are looked for in the stored values, where ink that a device draws has one value to the
bit, and where a difference of a few values of 4096 is still there.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.windowing import PEN, brightest_channel, split_rows
from safelight.pixels.models import Picture

#: A level is ink when this many more pixels have it than have the levels around it on average,
FACTOR = 5.0
#: at least so many, so that they can be a word,
LEAST = 60
#: and no more than this share of the picture, since that is ground.
MOST = 0.1
#: Levels on either side that a level is compared with.
BESIDE = 8
#: Levels of 255 between the channels of a pixel that is coloured.
COLOURED = 40
#: Inks of one picture, the clearest first.
INKS = 2
#: Faint strokes stand out of the mean strokes around them by this factor; those that reach half
#: of it are shown, weakly.
CLEAR = 3.0
#: Side of the square around, in pixels.
AROUND = 65


def render_chroma(shown: Picture) -> tuple[Picture, ...]:
    """How far each pixel of a colour picture is from grey, if any is: coloured text on grey."""
    if shown.ndim == 2:
        return ()
    colour = np.ptp(shown, axis=2)
    return (np.asarray(colour, np.uint8),) if int((colour > COLOURED).sum()) >= LEAST else ()


def render_inks(values: npt.NDArray[Any], shown: Picture) -> tuple[Picture, ...]:
    """For each level that a device seems to draw in, its pixels white on black.

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, samples).
    shown : ndarray
        The same as a picture, which stands in for values that are no integers of one sample.
    """
    plain = values if values.ndim == 2 and values.dtype.kind in "iu" else brightest_channel(shown)
    low, high = int(plain.min()), int(plain.max())
    if high - low > 0xFFFF:
        plain, low, high = brightest_channel(shown), 0, 255
    window = np.ones(2 * BESIDE + 1)
    size = max(high - low + 1, window.size)
    counts = np.zeros(size, np.int64)
    for rows in split_rows(plain.shape[0]):
        counts += np.bincount((plain[rows].astype(np.int64) - low).ravel(), minlength=size)
    window[BESIDE] = 0
    around = np.convolve(counts, window, "same") / np.convolve(np.ones_like(counts), window, "same")
    ratio = counts / np.maximum(around, 1)
    drawn = (ratio >= FACTOR) & (counts >= LEAST) & (counts <= MOST * plain.size)
    levels = np.flatnonzero(drawn)
    clearest = levels[np.argsort(-ratio[levels], kind="stable")][:INKS]
    return tuple(np.asarray((plain == n + low) * np.uint8(255), np.uint8) for n in clearest)


def render_faint_strokes(values: npt.NDArray[Any]) -> tuple[Picture, ...]:
    """Strokes on mid grey that stand out of their surroundings, however little that is.

    Parameters
    ----------
    values : ndarray
        Stored values.

    Returns
    -------
    tuple of ndarray
        One, or none for colours, in which eight bits are all there is.
    """
    if values.ndim != 2:
        return ()
    spread = float(np.ptp(values))
    if not 0 < spread < np.inf:
        return ()
    drawn = np.empty(values.shape, np.uint8)
    for rows in split_rows(values.shape[0]):
        above = max(0, rows.start - AROUND)
        band = _faint(values[above : rows.stop + AROUND], spread)
        drawn[rows] = band[rows.start - above :][: rows.stop - rows.start]
    return (drawn,)


def _faint(values: npt.NDArray[Any], spread: float) -> Picture:
    numbers = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0)
    smooth = cv2.GaussianBlur(numbers, (3, 3), 0.8)
    kernel = np.ones((PEN, PEN), np.uint8)
    bright = smooth - cv2.morphologyEx(smooth, cv2.MORPH_OPEN, kernel)
    dark = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, kernel) - smooth
    strength = np.maximum(bright, dark)
    usual = cv2.boxFilter(strength, -1, (AROUND, AROUND)) + max(spread / 65536, 1e-6)
    share = np.clip(2 * strength / (CLEAR * usual) - 1, 0, 1)
    return np.asarray(np.rint(128 + 127 * np.where(bright >= dark, share, -share)), np.uint8)
