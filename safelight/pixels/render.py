"""Pictures of a frame to read from: what a person could see with any window, as 8 bits.

One rendering is not enough. The minimum and maximum show all that is stored, the object's
own window shows what its device meant to show, and the stroke pictures show thin things
only: text that stands over bright or textured anatomy, where the plain ones drown it.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.info import Lut, PixelInfo
from safelight.pixels.ocr.base import Picture, grey

#: Kernel of the stroke pictures, in pixels of the picture: wider than the pen of small text.
PEN = 9
#: How near to the lowest or highest level text stands that a device draws.
LEVEL = 8


def picture(values: npt.NDArray[Any], info: PixelInfo) -> Picture:
    """The whole range of stored values, minimum to maximum, as grey or RGB.

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, 3).
    info : PixelInfo
        For the photometric interpretation, palette and padding.
    """
    if values.ndim == 3:
        return _colour(values, info)
    if info.palette is not None and info.photometric == "PALETTE COLOR":
        return np.dstack([_look_up(values, lut) for lut in info.palette])
    numbers = values.astype(np.float32)
    numbers[~np.isfinite(numbers)] = 0
    shown = numbers[~_padding(values, info)]
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 0.0)
    return _ramp(numbers, low, high, info)


def windowed(values: npt.NDArray[Any], info: PixelInfo) -> list[Picture]:
    """The object's own windows (PS3.3, C.11.2), without those that show all there is."""
    if values.ndim == 3 or info.photometric == "PALETTE COLOR":
        return []
    numbers = values.astype(np.float32) * info.slope + info.intercept
    low, high = float(numbers.min()), float(numbers.max())
    pictures = []
    for center, width in info.windows[:2]:
        bottom, top = center - width / 2, center + width / 2
        if top - bottom < 0.9 * (high - low) and top > low and bottom < high:
            pictures.append(_ramp(numbers, bottom, top, info))
    return pictures


def strokes(shown: Picture) -> Picture:
    """Thin bright and thin dark things on mid grey, those of the extreme levels strongest.

    White and black top hats at half strength; and at full strength what stands at the lowest
    or highest level of the picture, where devices draw: text over bright, dark or textured
    anatomy, which the plain picture drowns.
    """
    lightness = brightest(shown)
    bright, dark = _hats(lightness)
    near = np.ones((3, 3), np.uint8)
    top = cv2.dilate((lightness >= 255 - LEVEL).astype(np.uint8), near) > 0
    bottom = cv2.dilate((lightness <= LEVEL).astype(np.uint8), near) > 0
    value = lightness.astype(np.float32)
    up = np.where(top, np.minimum(bright / 96, 1) * np.clip((value - 128) / 110, 0, 1), 0)
    down = np.where(bottom, np.minimum(dark / 96, 1) * np.clip((128 - value) / 110, 0, 1), 0)
    drawn = 127 * (up - down)
    other = np.clip(0.5 * (bright - dark), -90, 90)
    return np.asarray(
        np.rint(128 + np.where(np.abs(drawn) > np.abs(other), drawn, other)), np.uint8
    )


def enlarged(shown: Picture, factor: float) -> Picture:
    """The picture scaled by a factor; cubic upwards, by area downwards."""
    if factor == 1:
        return shown
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(shown, None, fx=factor, fy=factor, interpolation=method), np.uint8)


def brightest(shown: Picture) -> Picture:
    """One value per pixel: the largest of the colour, since devices write in pure colours."""
    if shown.ndim == 2:
        return shown
    return np.asarray(np.maximum(grey(shown), shown.max(axis=2) // 4 * 3), np.uint8)


def _hats(lightness: Picture) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    kernel = np.ones((PEN, PEN), np.uint8)
    opened = cv2.morphologyEx(lightness, cv2.MORPH_OPEN, kernel)
    closed = cv2.morphologyEx(lightness, cv2.MORPH_CLOSE, kernel)
    bright = cv2.subtract(lightness, opened).astype(np.float32)
    return bright, cv2.subtract(closed, lightness).astype(np.float32)


def _ramp(numbers: npt.NDArray[np.float32], low: float, high: float, info: PixelInfo) -> Picture:
    if high <= low:
        return np.zeros(numbers.shape, np.uint8)
    scaled = np.clip((numbers - low) * (255 / (high - low)), 0, 255)
    shown = np.rint(scaled).astype(np.uint8)
    return np.asarray(255 - shown if info.photometric == "MONOCHROME1" else shown, np.uint8)


def _padding(values: npt.NDArray[Any], info: PixelInfo) -> npt.NDArray[np.bool_]:
    """Pixels of the padding value, which would squeeze the rest of the range."""
    if info.padding is None:
        return np.zeros(values.shape, bool)
    other = info.padding if info.padding_limit is None else info.padding_limit
    low, high = sorted((info.padding, other))
    return np.asarray((values >= low) & (values <= high))


def _look_up(values: npt.NDArray[Any], lut: Lut) -> Picture:
    index = np.clip(values.astype(np.int64) - lut.first, 0, lut.data.size - 1)
    data: npt.NDArray[Any] = lut.data
    # Some devices write 8-bit colours although the descriptor says 16 (PS3.3, C.7.6.3.1.5).
    if lut.bits > 8 and int(data.max(initial=0)) > 255:
        data = data >> 8
    return np.asarray(data[index], np.uint8)


def _colour(values: npt.NDArray[Any], info: PixelInfo) -> Picture:
    colours = values[:, :, :3].astype(np.float32)
    if info.bits_stored > 8:
        colours /= 1 << (info.bits_stored - 8)
    if info.photometric.startswith("YBR") and info.photometric not in ("YBR_RCT", "YBR_ICT"):
        luma, blue, red = colours[:, :, 0], colours[:, :, 1] - 128, colours[:, :, 2] - 128
        colours = np.dstack(
            [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue]
        )
    return np.asarray(np.rint(np.clip(colours, 0, 255)), np.uint8)
