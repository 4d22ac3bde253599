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

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.luts import Lut
from safelight.pixels.models import Picture

#: Kernel of the stroke pictures, in pixels of the picture: wider than the pen of small text.
PEN = 9
#: Width of the smoothing that joins the dots of a dotted font, as a share of its height.
DOTS = 0.04
#: How near to the lowest or highest level text stands that a device draws: after lossy
#: compression, and where most of what is near stands exactly at that level.
LEVEL, EXACT = 8, 1
#: Rows of a picture that are worked on at once, so that large ones need little memory.
BAND = 1024


def render_full_range(values: npt.NDArray[Any], info: PixelInfo) -> Picture:
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
    ends = [_ends(values[rows], info) for rows in split_rows(values.shape[0])]
    lows, highs = zip(*(end for end in ends if end is not None)) if any(ends) else ((0,), (0,))
    return _ramp(values, min(lows), max(highs), info)


def split_rows(rows: int) -> list[slice]:
    """The rows of a picture in pieces that are worked on one at a time."""
    return [slice(begin, min(rows, begin + BAND)) for begin in range(0, rows, BAND)]


def render_windows(values: npt.NDArray[Any], info: PixelInfo) -> list[Picture]:
    """The object's own windows (PS3.3, C.11.2), without those that show all there is."""
    if values.ndim == 3 or info.photometric == "PALETTE COLOR":
        return []
    ends = values.min() * info.slope + info.intercept, values.max() * info.slope + info.intercept
    low, high = min(ends), max(ends)
    pictures = []
    for center, width in info.windows[:2]:
        bottom, top = center - width / 2, center + width / 2
        if top - bottom < 0.9 * (high - low) and top > low and bottom < high:
            edges = sorted((edge - info.intercept) / info.slope for edge in (bottom, top))
            pictures.append(_ramp(values, edges[0], edges[1], info))
    return pictures


def render_strokes(shown: Picture) -> Picture:
    """Thin bright and thin dark things on mid grey, those of the extreme levels strongest.

    White and black top hats at half strength; and at full strength what stands at the lowest
    or highest level of the picture, where devices draw: text over bright, dark or textured
    anatomy, which the plain picture drowns.
    """
    drawn = np.empty(shown.shape[:2], np.uint8)
    counts = np.bincount(brightest_channel(shown).ravel(), minlength=256)
    bottom = EXACT if counts[:2].sum() > counts[2 : LEVEL + 1].sum() else LEVEL
    top = EXACT if counts[-2:].sum() > counts[-LEVEL - 1 : -2].sum() else LEVEL
    for rows in split_rows(shown.shape[0]):
        above = max(0, rows.start - 2 * PEN)
        band = brightest_channel(shown[above : rows.stop + 2 * PEN])
        drawn[rows] = _strokes(band, bottom, top)[rows.start - above :][: rows.stop - rows.start]
    return drawn


def merge_strokes(one: Picture, other: Picture) -> Picture:
    """Of two stroke pictures what stands out more at each pixel."""
    deviations = [np.abs(strokes.astype(np.int16) - 128) for strokes in (one, other)]
    return np.where(deviations[0] >= deviations[1], one, other)


def _strokes(lightness: Picture, bottom: int, top: int) -> Picture:
    bright, dark = _hats(lightness)
    near = np.ones((3, 3), np.uint8)
    highest = cv2.dilate((lightness >= 255 - top).astype(np.uint8), near) > 0
    lowest = cv2.dilate((lightness <= bottom).astype(np.uint8), near) > 0
    value = lightness.astype(np.float32)
    up = np.where(highest, np.minimum(bright / 96, 1) * np.clip((value - 128) / 110, 0, 1), 0)
    down = np.where(lowest, np.minimum(dark / 96, 1) * np.clip((128 - value) / 110, 0, 1), 0)
    drawn = 127 * (up - down)
    other = np.clip(0.5 * (bright - dark), -90, 90)
    return np.asarray(
        np.rint(128 + np.where(np.abs(drawn) > np.abs(other), drawn, other)), np.uint8
    )


def smooth_dots(shown: Picture, height: float) -> Picture:
    """The picture smoothed as far as text of a height bears it, so that dots become strokes."""
    return np.asarray(cv2.GaussianBlur(shown, (0, 0), max(0.3, DOTS * height)), np.uint8)


def resize(shown: Picture, factor: float) -> Picture:
    """The picture scaled by a factor; cubic upwards, by area downwards."""
    if factor == 1:
        return shown
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(shown, None, fx=factor, fy=factor, interpolation=method), np.uint8)


def brightest_channel(shown: Picture) -> Picture:
    """One value per pixel: the largest of the colour, since devices write in pure colours."""
    if shown.ndim == 2:
        return shown
    return np.asarray(np.maximum(to_grayscale(shown), shown.max(axis=2) // 4 * 3), np.uint8)


def to_grayscale(picture: npt.NDArray[Any]) -> Picture:
    """Return the luminance of an RGB picture (weights of ITU-R BT.601); a grey one as it is."""
    if picture.ndim == 2:
        return picture.astype(np.uint8, copy=False)
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.rint(picture.astype(np.float32) @ weights), np.uint8)


def _hats(lightness: Picture) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    kernel = np.ones((PEN, PEN), np.uint8)
    opened = cv2.morphologyEx(lightness, cv2.MORPH_OPEN, kernel)
    closed = cv2.morphologyEx(lightness, cv2.MORPH_CLOSE, kernel)
    bright = cv2.subtract(lightness, opened).astype(np.float32)
    return bright, cv2.subtract(closed, lightness).astype(np.float32)


def _ends(values: npt.NDArray[Any], info: PixelInfo) -> tuple[float, float] | None:
    """Lowest and highest value that is no padding."""
    kept = values if info.padding is None else values[~_padding(values, info)]
    if kept.dtype.kind == "f":
        kept = np.nan_to_num(kept, posinf=0, neginf=0)
    return (float(kept.min()), float(kept.max())) if kept.size else None


def _ramp(values: npt.NDArray[Any], low: float, high: float, info: PixelInfo) -> Picture:
    shown = np.zeros(values.shape, np.uint8)
    if high <= low:
        return shown
    for rows in split_rows(values.shape[0]):
        numbers = np.nan_to_num(values[rows].astype(np.float32), posinf=0, neginf=0)
        shown[rows] = np.rint(np.clip((numbers - low) * (255 / (high - low)), 0, 255))
    inverse = (info.photometric == "MONOCHROME1") != (info.slope < 0)
    return np.asarray(255 - shown if inverse else shown, np.uint8)


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
