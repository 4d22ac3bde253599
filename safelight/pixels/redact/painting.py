"""Paint boxes over stored values: filled with the value that is shown black, or with a placeholder.

Black is a stored value that depends on the photometric interpretation (PS3.3, C.7.6.3.1.2), on
the palette, and on the part of its range that the object uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.geometry import Box
from safelight.pixels.thresholds import (
    PLACEHOLDER_MAX_FONT_PIXELS,
    PLACEHOLDER_MIN_FONT_PIXELS,
    PLACEHOLDER_UPRIGHT_MIN_ASPECT_RATIO,
)


@dataclass(frozen=True)
class Fill:
    """A box to fill, and the placeholder to draw into it, if any."""

    box: Box
    text: str = ""

    def slices(self, info: PixelInfo) -> tuple[slice, slice]:
        """Return the rows and columns of the box that are inside the frame."""
        return self.box.clip(info.rows, info.columns).slices


def paint_boxes(values: Array, fills: Sequence[Fill], info: PixelInfo, photometric: str) -> Array:
    """Return a copy of a frame with filled boxes. Nothing outside the boxes changes.

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, samples).
    fills : sequence of Fill
        Parts of boxes outside the frame are ignored.
    info : PixelInfo
    photometric : str
        Photometric interpretation of ``values``; see ``FrameSource.photometric``.
    """
    painted: Array = values.copy()
    black, white = black_and_white(values, info, photometric)
    for fill in fills:
        painted[fill.slices(info)] = black
    for fill in fills:  # letters last: boxes may overlap
        area = painted[fill.slices(info)]
        if fill.text and area.size:
            area[draw_letters(fill.text, area.shape[1], area.shape[0])] = white
    return painted


def covered_pixels(fills: Sequence[Fill], info: PixelInfo) -> npt.NDArray[np.bool_]:
    """Return the pixels that are inside any box, (rows, columns).

    Parameters
    ----------
    fills : sequence of Fill
        Boxes in pixels; parts outside the frame are ignored.
    info : PixelInfo
        Header of the object, with the size of the frame.

    Returns
    -------
    ndarray of bool
        Mask of the frame.
    """
    inside = np.zeros((info.rows, info.columns), np.bool_)
    for fill in fills:
        inside[fill.slices(info)] = True
    return inside


def black_and_white(values: Array, info: PixelInfo, photometric: str) -> tuple[Array, Array]:
    """Return the sample values that are shown black and white.

    Parameters
    ----------
    values : ndarray
        Stored values of the frame.
    info : PixelInfo
    photometric : str
        Photometric interpretation of ``values``.

    Returns
    -------
    tuple of ndarray
        One value, or one for each sample.
    """
    if photometric == "PALETTE COLOR" and info.palette is not None:
        return _palette_black_and_white(info)
    if values.ndim == 3:
        return _color_black_and_white(info, photometric, values.shape[2])
    low, high = _displayed_range(values, info)
    pair = (high, low) if photometric == "MONOCHROME1" else (low, high)
    return np.array(pair[0], values.dtype), np.array(pair[1], values.dtype)


def _displayed_range(values: Array, info: PixelInfo) -> tuple[float, float]:
    """Return the lowest and highest value of the object's windows and of the frame.

    The ends of the range of Bits Stored would make each viewer that windows by minimum and
    maximum show the frame without contrast.
    """
    if values.dtype.kind == "f":
        finite = values[np.isfinite(values)]
        return (finite.min(), finite.max()) if finite.size else (0, 1)
    bottoms = [(c - w / 2 - info.intercept) / info.slope for c, w in info.windows]
    tops = [(c + w / 2 - info.intercept) / info.slope for c, w in info.windows]
    low = min([int(values.min()), *(int(np.floor(min(p))) for p in zip(bottoms, tops))])
    high = max([int(values.max()), *(int(np.ceil(max(p))) for p in zip(bottoms, tops))])
    if low == high:
        low, high = min(low, 0), max(high, 1)
    return max(low, info.lowest), min(high, info.highest)


def _color_black_and_white(info: PixelInfo, photometric: str, samples: int) -> tuple[Array, Array]:
    """Return black and white of a color space of several samples."""
    most, middle = info.highest, 1 << info.bits_stored - 1
    if photometric.startswith("YBR_PARTIAL"):  # head- and footroom of ITU-R BT.601
        scale = 1 << max(0, info.bits_stored - 8)
        return np.array([16 * scale, middle, middle]), np.array([235 * scale, middle, middle])
    if photometric.startswith("YBR"):
        return np.array([0, middle, middle]), np.array([most, middle, middle])
    if photometric == "HSV":
        return np.array([0, 0, 0]), np.array([0, 0, most])
    if photometric == "CMYK":
        return np.array([0, 0, 0, most]), np.array([0, 0, 0, 0])
    return np.zeros(samples, np.int64), np.full(samples, most)


def _palette_black_and_white(info: PixelInfo) -> tuple[Array, Array]:
    """Return the indices of the darkest and the lightest entry that Bits Stored can address."""
    assert info.palette is not None
    red, green, blue = (lut.data.astype(np.float64) for lut in info.palette)
    size = min(red.size, green.size, blue.size)
    light = 0.299 * red[:size] + 0.587 * green[:size] + 0.114 * blue[:size]
    first = info.palette[0].first
    begin = max(0, info.lowest - first)
    light = light[begin : max(begin + 1, info.highest - first + 1)]
    return np.array(first + begin + light.argmin()), np.array(first + begin + light.argmax())


@cache
def _load_font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@lru_cache(maxsize=256)
def draw_letters(text: str, width: int, height: int) -> npt.NDArray[np.bool_]:
    """Return the pixels of a text in the largest size that fits, rotated in upright boxes.

    Parameters
    ----------
    text : str
    width, height : int
        Size of the box, in pixels.

    Returns
    -------
    ndarray of bool
        (height, width); all false if the text fits in no readable size.
    """
    upright = height > PLACEHOLDER_UPRIGHT_MIN_ASPECT_RATIO * width
    long, short = (height, width) if upright else (width, height)
    picture = np.zeros((short, long), np.bool_)
    left, top, right, bottom = _load_font(PLACEHOLDER_MAX_FONT_PIXELS).getbbox(text)
    scale = min((long - 2) / max(1, right - left), (short - 2) / max(1, bottom - top), 1.0)
    # Letters do not grow in exact proportion, so the search begins two sizes larger.
    largest = min(PLACEHOLDER_MAX_FONT_PIXELS, int(PLACEHOLDER_MAX_FONT_PIXELS * scale) + 2)
    for size in range(largest, PLACEHOLDER_MIN_FONT_PIXELS - 1, -1):
        font = _load_font(size)
        left, top, right, bottom = font.getbbox(text)
        if right - left + 2 <= long and bottom - top + 2 <= short:
            canvas = Image.new("1", (long, short))
            draw = ImageDraw.Draw(canvas)
            draw.fontmode = "1"
            draw.text((1 - left, (short - bottom + top) // 2 - top), text, fill=1, font=font)
            picture = np.array(canvas)
            break
    return np.rot90(picture) if upright else picture
