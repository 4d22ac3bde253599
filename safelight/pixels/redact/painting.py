"""Paint boxes over stored values: filled with the right black, or with a synthetic text.

Black is a stored value, and which one depends on the photometric interpretation (PS3.3,
C.7.6.3.1.2), on the palette, and on how much of its range the object uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.geometry import Box

Array = npt.NDArray[Any]

#: Placeholder letters below this height cannot be read, so none are drawn.
SMALLEST_FONT = 7
LARGEST_FONT = 120
#: Boxes this much taller than wide hold turned text.
UPRIGHT = 2.0


@dataclass(frozen=True)
class Fill:
    """A box to hide, and the synthetic text to draw into it, if any."""

    box: Box
    text: str = ""


def paint_boxes(values: Array, fills: Sequence[Fill], info: PixelInfo, photometric: str) -> Array:
    """A copy of a frame with its boxes filled. Nothing outside them changes.

    Parameters
    ----------
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, samples).
    fills : sequence of Fill
        Parts of boxes that are outside the frame are ignored.
    photometric : str
        Of ``values``, see ``FrameSource.photometric``.
    """
    painted: Array = values.copy()
    black, white = black_and_white(values, info, photometric)
    for fill in fills:
        painted[frame_slices(fill.box, info)] = black
    for fill in fills:  # letters last: boxes may overlap
        area = painted[frame_slices(fill.box, info)]
        if fill.text and area.size:
            area[draw_letters(fill.text, area.shape[1], area.shape[0])] = white
    return painted


def frame_slices(box: Box, info: PixelInfo) -> tuple[slice, slice]:
    """Rows and columns of a box, cut to the frame."""
    x, y, w, h = box
    return (
        slice(max(0, y), max(0, min(info.rows, y + h))),
        slice(max(0, x), max(0, min(info.columns, x + w))),
    )


def covered_pixels(fills: Sequence[Fill], info: PixelInfo) -> npt.NDArray[np.bool_]:
    """The pixels that are in any box, (rows, columns)."""
    inside = np.zeros((info.rows, info.columns), np.bool_)
    for fill in fills:
        inside[frame_slices(fill.box, info)] = True
    return inside


def black_and_white(values: Array, info: PixelInfo, photometric: str) -> tuple[Array, Array]:
    """The sample values that are shown black and white: (1,) or (samples,) each."""
    if photometric == "PALETTE COLOR" and info.palette is not None:
        return _palette(info)
    if values.ndim == 3:
        return _color(info, photometric, values.shape[2])
    low, high = _ends(values, info)
    pair = (high, low) if photometric == "MONOCHROME1" else (low, high)
    return np.array(pair[0], values.dtype), np.array(pair[1], values.dtype)


def _ends(values: Array, info: PixelInfo) -> tuple[Any, Any]:
    """Lowest and highest value to show: the ends of the object's windows and of what it uses.

    Not those of what Bits Stored can hold: they would spoil each viewer that windows by
    minimum and maximum.
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


def _color(info: PixelInfo, photometric: str, samples: int) -> tuple[Array, Array]:
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


def _palette(info: PixelInfo) -> tuple[Array, Array]:
    """Indices of the darkest and lightest entry that Bits Stored can name."""
    assert info.palette is not None
    red, green, blue = (lut.data.astype(np.float64) for lut in info.palette)
    size = min(red.size, green.size, blue.size)
    light = 0.299 * red[:size] + 0.587 * green[:size] + 0.114 * blue[:size]
    first = info.palette[0].first
    begin = max(0, info.lowest - first)
    light = light[begin : max(begin + 1, info.highest - first + 1)]
    return np.array(first + begin + light.argmin()), np.array(first + begin + light.argmax())


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


@lru_cache(maxsize=256)
def draw_letters(text: str, width: int, height: int) -> npt.NDArray[np.bool_]:
    """The pixels of a text in the largest size that fits, turned in upright boxes.

    Returns
    -------
    ndarray of bool
        (height, width); all false when the text fits in no readable size.
    """
    upright = height > UPRIGHT * width
    long, short = (height, width) if upright else (width, height)
    picture = np.zeros((short, long), np.bool_)
    left, top, right, bottom = _font(LARGEST_FONT).getbbox(text)
    scale = min((long - 2) / max(1, right - left), (short - 2) / max(1, bottom - top), 1.0)
    # Letters do not grow quite in proportion, so begin a little above.
    for size in range(min(LARGEST_FONT, int(LARGEST_FONT * scale) + 2), SMALLEST_FONT - 1, -1):
        font = _font(size)
        left, top, right, bottom = font.getbbox(text)
        if right - left + 2 <= long and bottom - top + 2 <= short:
            canvas = Image.new("1", (long, short))
            draw = ImageDraw.Draw(canvas)
            draw.fontmode = "1"
            draw.text((1 - left, (short - bottom + top) // 2 - top), text, fill=1, font=font)
            picture = np.array(canvas)
            break
    return np.rot90(picture) if upright else picture
