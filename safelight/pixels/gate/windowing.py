"""Render stored values as pictures of 8 bits from which text is read.

One rendering is not enough. The full range shows all stored values, the windows of the object
show what its device meant to show, and the stroke pictures show thin structures only: text over
bright or textured anatomy, which the other renderings hide.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.luts import Lut
from safelight.pixels.models import Picture
from safelight.pixels.thresholds import (
    DOT_SMOOTHING_HEIGHTS,
    DOT_SMOOTHING_MIN_PIXELS,
    DRAWN_EXACT_MAX_DISTANCE_LEVELS,
    DRAWN_MAX_DISTANCE_LEVELS,
    DRAWN_STROKE_FULL_CONTRAST_LEVELS,
    DRAWN_STROKE_FULL_DISTANCE_LEVELS,
    OTHER_STROKE_MAX_DIFFERENCE_LEVELS,
    OTHER_STROKE_STRENGTH,
    STROKE_KERNEL_PIXELS,
    WINDOW_MAX_RANGE_SHARE,
    WINDOWS_MAX_COUNT,
)

#: Rows of a picture that are processed at once: this bounds the memory for large pictures.
_BAND_ROWS = 1024


def render_full_range(values: npt.NDArray[Any], info: PixelInfo) -> Picture:
    """Return the whole range of stored values, minimum to maximum, as gray or RGB.

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, 3).
    info : PixelInfo
        Photometric interpretation of ``values``, palette and padding.
    """
    if values.ndim == 3:
        return _render_color(values, info)
    if info.palette is not None and info.photometric == "PALETTE COLOR":
        return np.dstack([_apply_lut(values, lut) for lut in info.palette])
    ends = [_value_range(values[rows], info) for rows in split_rows(values.shape[0])]
    lows, highs = zip(*(end for end in ends if end is not None)) if any(ends) else ((0,), (0,))
    return _scale_linearly(values, min(lows), max(highs), info)


def split_rows(rows: int) -> list[slice]:
    """Return the rows of a picture as bands that are processed one at a time."""
    return [slice(begin, min(rows, begin + _BAND_ROWS)) for begin in range(0, rows, _BAND_ROWS)]


def render_windows(values: npt.NDArray[Any], info: PixelInfo) -> list[Picture]:
    """Return pictures in the VOI windows of the object (PS3.3, section C.11.2).

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, 3).
    info : PixelInfo

    Returns
    -------
    list of ndarray
        None for colors, and none for a window that shows nearly the full range.
    """
    if values.ndim == 3 or info.photometric == "PALETTE COLOR":
        return []
    ends = values.min() * info.slope + info.intercept, values.max() * info.slope + info.intercept
    low, high = min(ends), max(ends)
    pictures = []
    for center, width in info.windows[:WINDOWS_MAX_COUNT]:
        bottom, top = center - width / 2, center + width / 2
        is_narrow = top - bottom < WINDOW_MAX_RANGE_SHARE * (high - low)
        if is_narrow and top > low and bottom < high:
            edges = sorted((edge - info.intercept) / info.slope for edge in (bottom, top))
            pictures.append(_scale_linearly(values, edges[0], edges[1], info))
    return pictures


def render_strokes(picture: Picture) -> Picture:
    """Return thin bright and thin dark structures on mid gray.

    These are white and black top hats at half strength. What has the lowest or highest level of
    the picture, as text that a device draws, is shown at full strength.
    """
    drawn = np.empty(picture.shape[:2], np.uint8)
    counts = np.bincount(brightest_channel(picture).ravel(), minlength=256)
    near = DRAWN_MAX_DISTANCE_LEVELS
    is_dark_exact = counts[:2].sum() > counts[2 : near + 1].sum()
    is_bright_exact = counts[-2:].sum() > counts[-near - 1 : -2].sum()
    bottom = DRAWN_EXACT_MAX_DISTANCE_LEVELS if is_dark_exact else near
    top = DRAWN_EXACT_MAX_DISTANCE_LEVELS if is_bright_exact else near
    margin = 2 * STROKE_KERNEL_PIXELS
    for rows in split_rows(picture.shape[0]):
        above = max(0, rows.start - margin)
        band = brightest_channel(picture[above : rows.stop + margin])
        strokes = _render_strokes_of_band(band, bottom, top)
        drawn[rows] = strokes[rows.start - above :][: rows.stop - rows.start]
    return drawn


def merge_strokes(one: Picture, other: Picture) -> Picture:
    """Return the stronger of two stroke pictures at each pixel.

    Parameters
    ----------
    one, other : ndarray of uint8
        Stroke pictures of the same shape (rows, columns), in which gray level 128 means no stroke.

    Returns
    -------
    ndarray of uint8
        (rows, columns): at each pixel the level that differs more from 128; that of ``one`` if
        both differ equally.
    """
    deviations = [np.abs(strokes.astype(np.int16) - 128) for strokes in (one, other)]
    return np.where(deviations[0] >= deviations[1], one, other)


def smooth_dots(picture: Picture, height: float) -> Picture:
    """Return a picture in which the dots of a dotted font are joined to strokes.

    Parameters
    ----------
    picture : ndarray
    height : float
        Usual height of the text, in pixels.
    """
    deviation = max(DOT_SMOOTHING_MIN_PIXELS, DOT_SMOOTHING_HEIGHTS * height)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.uint8)


def resize(picture: Picture, factor: float) -> Picture:
    """Return a picture scaled by a factor: cubic if it is enlarged, by area if it is reduced.

    Parameters
    ----------
    picture : ndarray of uint8
        (rows, columns) or (rows, columns, 3).
    factor : float
        Factor by which both sides are scaled; above 0.

    Returns
    -------
    ndarray of uint8
        The scaled picture; ``picture`` itself if the factor is 1.
    """
    if factor == 1:
        return picture
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    resized = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=method)
    return np.asarray(resized, np.uint8)


def brightest_channel(picture: Picture) -> Picture:
    """Return a gray picture in which pure colors, which devices write in, are bright."""
    if picture.ndim == 2:
        return picture
    return np.asarray(np.maximum(to_grayscale(picture), picture.max(axis=2) // 4 * 3), np.uint8)


def to_grayscale(picture: npt.NDArray[Any]) -> Picture:
    """Return the luminance of an RGB picture (weights of ITU-R BT.601); a gray one as it is."""
    if picture.ndim == 2:
        return picture.astype(np.uint8, copy=False)
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.rint(picture.astype(np.float32) @ weights), np.uint8)


def _render_strokes_of_band(gray: Picture, bottom: int, top: int) -> Picture:
    """Return the stroke picture of some rows.

    ``bottom`` and ``top`` are distances in levels from 0 and 255 within which ink is drawn.
    """
    bright, dark = _top_hats(gray)
    near = np.ones((3, 3), np.uint8)
    highest = cv2.dilate((gray >= 255 - top).astype(np.uint8), near) > 0
    lowest = cv2.dilate((gray <= bottom).astype(np.uint8), near) > 0
    value = gray.astype(np.float32)
    contrast, distance = DRAWN_STROKE_FULL_CONTRAST_LEVELS, DRAWN_STROKE_FULL_DISTANCE_LEVELS
    is_bright = np.clip((value - 128) / distance, 0, 1)
    is_dark = np.clip((128 - value) / distance, 0, 1)
    up = np.where(highest, np.minimum(bright / contrast, 1) * is_bright, 0)
    down = np.where(lowest, np.minimum(dark / contrast, 1) * is_dark, 0)
    drawn = 127 * (up - down)
    limit = OTHER_STROKE_MAX_DIFFERENCE_LEVELS
    other = np.clip(OTHER_STROKE_STRENGTH * (bright - dark), -limit, limit)
    return np.asarray(
        np.rint(128 + np.where(np.abs(drawn) > np.abs(other), drawn, other)), np.uint8
    )


def _top_hats(gray: Picture) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the white and the black top hat of a gray picture."""
    kernel = np.ones((STROKE_KERNEL_PIXELS, STROKE_KERNEL_PIXELS), np.uint8)
    opened = cv2.morphologyEx(gray, cv2.MORPH_OPEN, kernel)
    closed = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, kernel)
    bright = cv2.subtract(gray, opened).astype(np.float32)
    return bright, cv2.subtract(closed, gray).astype(np.float32)


def _value_range(values: npt.NDArray[Any], info: PixelInfo) -> tuple[float, float] | None:
    """Return the lowest and highest value that is not padding; ``None`` if all of it is."""
    kept = values if info.padding is None else values[~_is_padding(values, info)]
    if kept.dtype.kind == "f":
        kept = np.nan_to_num(kept, posinf=0, neginf=0)
    return (float(kept.min()), float(kept.max())) if kept.size else None


def _scale_linearly(values: npt.NDArray[Any], low: float, high: float, info: PixelInfo) -> Picture:
    """Return values from ``low`` to ``high`` as 0 to 255, inverted if low values are bright."""
    picture = np.zeros(values.shape, np.uint8)
    if high <= low:
        return picture
    for rows in split_rows(values.shape[0]):
        numbers = np.nan_to_num(values[rows].astype(np.float32), posinf=0, neginf=0)
        picture[rows] = np.rint(np.clip((numbers - low) * (255 / (high - low)), 0, 255))
    is_inverse = (info.photometric == "MONOCHROME1") != (info.slope < 0)
    return np.asarray(255 - picture if is_inverse else picture, np.uint8)


def _is_padding(values: npt.NDArray[Any], info: PixelInfo) -> npt.NDArray[np.bool_]:
    """Return the pixels of the padding value, which would compress the rest of the range."""
    if info.padding is None:
        return np.zeros(values.shape, bool)
    other = info.padding if info.padding_limit is None else info.padding_limit
    low, high = sorted((info.padding, other))
    return np.asarray((values >= low) & (values <= high))


def _apply_lut(values: npt.NDArray[Any], lut: Lut) -> Picture:
    """Return one channel of a palette picture."""
    index = np.clip(values.astype(np.int64) - lut.first, 0, lut.data.size - 1)
    data: npt.NDArray[Any] = lut.data
    # Some devices write 8-bit colors although the descriptor says 16 (PS3.3, C.7.6.3.1.5).
    if lut.bits > 8 and int(data.max(initial=0)) > 255:
        data = data >> 8
    return np.asarray(data[index], np.uint8)


def _render_color(values: npt.NDArray[Any], info: PixelInfo) -> Picture:
    """Return values of several samples as RGB of 8 bits (PS3.3, section C.7.6.3.1.2)."""
    colors = values[:, :, :3].astype(np.float32)
    if info.bits_stored > 8:
        colors /= 1 << (info.bits_stored - 8)
    if info.photometric.startswith("YBR") and info.photometric not in ("YBR_RCT", "YBR_ICT"):
        luma, blue, red = colors[:, :, 0], colors[:, :, 1] - 128, colors[:, :, 2] - 128
        colors = np.dstack(
            [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]
        )
    return np.asarray(np.rint(np.clip(colors, 0, 255)), np.uint8)
