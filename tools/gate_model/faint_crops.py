"""Training crops of the network for faint text: lines of any contrast over anatomy and noise.

A line is labelled as text as far as a viewer can see it: where its strokes differ from the
background by more than the noise of the background. A line of which most can be seen is labelled
as a whole, because a mask has to cover the rest of it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.faint_cnn import FAINT_PLACE
from tools.gate_model.backgrounds import GreyImage, add_speckle, make_background
from tools.gate_model.training_crops import (
    CROP_PIXELS,
    NO_TEXT,
    TEXT,
    UNSURE,
    Edges,
    Fonts,
    compress_jpeg,
    make_line,
    rotate_box,
)

#: A stroke is visible if it differs by this multiple of the noise around it, and by these levels.
_VISIBLE_PER_NOISE, _VISIBLE_LEVELS = 0.9, 1.8
#: Share of the columns with a stroke in which it is visible: a whole line is text, or none is.
_WHOLE_LINE_SHARE, _NO_LINE_SHARE = 0.55, 0.15
#: Characters of a line below which it is not labelled.
_MIN_CHARACTERS = 3
#: Share of the height of a line that is cut off above and below, so that rows stay apart.
_ROW_MARGIN_SHARE = 0.08
#: Pixels around a line that are not labelled.
_UNSURE_PIXELS = 4
#: Half of the smallest range of levels around a text.
_MIN_RANGE_LEVELS = 60.0


@dataclass(frozen=True)
class _Line:
    """A line of text: its box in pixels, and whether it runs from top to bottom."""

    box: Edges
    is_turned: bool


def make_faint_crop(
    random: np.random.Generator, pictures: Sequence[npt.NDArray[np.uint8]], fonts: Fonts
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """Return a crop and the labels of its places.

    Parameters
    ----------
    random : Generator
    pictures : sequence of ndarray
        Pictures without text, for backgrounds.
    fonts : Fonts

    Returns
    -------
    tuple of ndarray
        (CROP_PIXELS, CROP_PIXELS) levels from 0 to 255, not rounded if the crop has more than
        8 bits; and (CROP_PIXELS / FAINT_PLACE,) * 2 labels.
    """
    square = make_background(random, pictures, CROP_PIXELS)
    if random.random() < 0.25:
        square = add_speckle(random, square)
    if random.random() < 0.4:
        square = _narrow_range(random, square)
    labels = np.full((CROP_PIXELS, CROP_PIXELS), NO_TEXT, np.uint8)
    if random.random() < 0.6:
        ink, lines = _draw_lines(random, fonts)
        if random.random() < 0.2:
            _draw_plate(random, square, ink)
        written = _put_ink(random, square, ink)
        for line in lines:
            _label_line(labels, line, ink, square, written)
        square = written
    if random.random() < 0.12:
        _fill_box(random, square, labels)
    values = np.clip(square, 0, 255)
    if random.random() < 0.12:
        values = compress_jpeg(random, values)
    scale = 1 if random.random() < 0.6 else 16
    values = (np.rint(values * scale) / scale).astype(np.float32)
    return values, labels[FAINT_PLACE // 2 :: FAINT_PLACE, FAINT_PLACE // 2 :: FAINT_PLACE].copy()


def _narrow_range(random: np.random.Generator, square: GreyImage) -> GreyImage:
    """Return a square with a smaller range of levels and another mean."""
    gain = random.uniform(0.08, 0.6)
    return (square - float(square.mean())) * gain + random.uniform(10, 245)


def _draw_lines(random: np.random.Generator, fonts: Fonts) -> tuple[GreyImage, list[_Line]]:
    """Return ink from 0 to 1 and the lines in it, of one font and size."""
    canvas = Image.new("L", (CROP_PIXELS, CROP_PIXELS), 0)
    draw = ImageDraw.Draw(canvas)
    size = int(np.exp(random.uniform(np.log(7), np.log(28))))
    is_latin = random.random() < 0.93
    is_plotted = is_latin and random.random() < 0.2
    if random.random() < 0.12:
        draw.fontmode = "1"
    names = fonts.latin if is_latin else fonts.wide
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont
    if names and random.random() < 0.93:
        font = ImageFont.truetype(names[int(random.integers(len(names)))], size)
    else:
        font = ImageFont.load_default(size)
    lines: list[_Line] = []
    left, y = int(random.integers(-60, 130)), float(random.integers(-8, CROP_PIXELS - 10))
    pitch = size * random.uniform(1.1, 1.8)
    for _ in range(random.choice([1, 1, 2, 2, 3, 4, 6])):
        text = make_line(random, is_latin)
        x = left if random.random() < 0.85 else int(random.integers(-60, 130))
        box = (
            _plot(random, canvas, text, (x, round(y)), size)
            if is_plotted
            else _type(draw, text, (x, round(y)), font)
        )
        if box is not None and len(text.strip()) >= _MIN_CHARACTERS:
            lines.append(_Line(box, False))
        y += pitch
    ink: GreyImage = np.asarray(canvas, np.float32) / 255
    quarters = int(random.choice([0, 0, 0, 0, 0, 0, 0, 1, 3]))
    if quarters:
        ink = np.rot90(ink, quarters)
        lines = [_Line(rotate_box(line.box, quarters), True) for line in lines]
    if random.random() < 0.1:
        ink = cv2.GaussianBlur(np.ascontiguousarray(ink), (0, 0), random.uniform(0.3, 0.8))
    return np.ascontiguousarray(ink), lines


def _type(
    draw: ImageDraw.ImageDraw,
    text: str,
    place: tuple[int, int],
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
) -> Edges | None:
    """Draw a line and return its box; ``None`` if the font lacks its letters."""
    try:
        draw.text(place, text, fill=255, font=font)
        edges = draw.textbbox(place, text, font=font)
    except UnicodeEncodeError:
        return None
    return int(edges[0]), int(edges[1]), int(edges[2]), int(edges[3])


def _plot(
    random: np.random.Generator,
    canvas: Image.Image,
    text: str,
    place: tuple[int, int],
    size: int,
) -> Edges:
    """Draw a line in a stroke font and return its box."""
    x, y = place
    font = int(random.choice([0, 0, 0, 1, 2, 3]))
    (width, height), _ = cv2.getTextSize(text, font, size / 30, 1)
    array = np.array(canvas)
    cv2.putText(array, text, (x, y + height), font, size / 30, 255, 1, cv2.LINE_AA)
    canvas.paste(Image.fromarray(array))
    return x, y, x + width, y + height + size // 8


def _draw_plate(random: np.random.Generator, square: GreyImage, ink: GreyImage) -> None:
    """Draw a plate of nearly one level with holes behind the text, as an implant or a marker."""
    rows, columns = np.nonzero(ink > 0.5)
    if not rows.size:
        return
    middle = (float(columns.mean()), float(rows.mean()))
    size = (float(np.ptp(columns)) * random.uniform(0.5, 1.2) + 12, random.uniform(15, 90))
    plate = np.zeros(square.shape, np.float32)
    corners = cv2.boxPoints((middle, size, random.uniform(-35, 35)))
    cv2.fillPoly(plate, [corners.astype(np.int32)], 1.0, cv2.LINE_AA)
    for _ in range(random.integers(0, 6)):
        x, y = (int(v) for v in random.integers(0, CROP_PIXELS, 2))
        cv2.circle(plate, (x, y), int(random.integers(4, 14)), 0.85, -1, cv2.LINE_AA)
    noise = random.normal(0, random.uniform(0, 2.5), square.shape)
    level = random.choice([random.uniform(0, 255), random.uniform(200, 255)]) + noise
    square[:] = square * (1 - plate) + level * plate


def _put_ink(random: np.random.Generator, square: GreyImage, ink: GreyImage) -> GreyImage:
    """Return the background with the ink: of one level, or lighter or darker by a step."""
    under = square[ink > 0.5] if (ink > 0.5).any() else square
    middle = float(random.choice([under.mean(), np.median(under)]))
    low, high = np.percentile(square, (2, 98))
    around = max(float(high - low), _MIN_RANGE_LEVELS)
    kind = random.random()
    if kind < 0.45:
        step = around * float(np.exp(random.uniform(np.log(0.02), np.log(0.35))))
    elif kind < 0.75:
        fine = square - cv2.GaussianBlur(np.asarray(square, np.float32), (0, 0), 2.0)
        noise = float(fine[ink > 0.5].std()) if (ink > 0.5).any() else float(fine.std())
        step = max(_VISIBLE_LEVELS, random.uniform(0.8, 2.5) * noise)
    elif kind < 0.88:
        step = random.uniform(20, 130)
    else:
        step = 255.0
    if random.random() < 0.5:
        step = -step
    if not 0 <= middle + step <= 255:
        step = -step
    if random.random() < 0.12:
        return square + step * ink
    level = float(np.clip(middle + step, 0, 255))
    return np.asarray(square * (1 - ink) + level * ink)


def _label_line(
    labels: npt.NDArray[np.uint8],
    line: _Line,
    ink: GreyImage,
    square: GreyImage,
    written: GreyImage,
) -> None:
    """Label the pixels of a line by what can be seen of it."""
    left, top, right, bottom = line.box
    left, top = max(0, left), max(0, top)
    right, bottom = min(CROP_PIXELS, right), min(CROP_PIXELS, bottom)
    if right - left < 4 or bottom - top < 4:
        return
    area = (slice(top, bottom), slice(left, right))
    fine = (square - cv2.GaussianBlur(np.asarray(square, np.float32), (0, 0), 2.0))[area]
    strokes = (ink[area] > 0.5).astype(np.float32)
    difference = np.abs(written - square)[area] * strokes
    own = labels[area]
    around = labels[
        max(0, top - _UNSURE_PIXELS) : bottom + _UNSURE_PIXELS,
        max(0, left - _UNSURE_PIXELS) : right + _UNSURE_PIXELS,
    ]
    if line.is_turned:
        strokes, difference, own, fine = strokes.T, difference.T, own.T, fine.T
    counts = strokes.sum(axis=0)
    least = max(_VISIBLE_LEVELS, _VISIBLE_PER_NOISE * float(fine.std()))
    visible = (difference.sum(axis=0) / np.maximum(counts, 1) >= least) & (counts > 0)
    share = float(visible.sum() / max(1, int((counts > 0).sum())))
    around[around == NO_TEXT] = UNSURE
    if share < _NO_LINE_SHARE:
        return
    high = own.shape[0]
    margin = round(_ROW_MARGIN_SHARE * high)
    columns = np.ones(own.shape[1], bool)
    if share < _WHOLE_LINE_SHARE:
        columns = _spread(visible, 1.5 * high) > 0.5 * _spread(counts > 0, 1.5 * high)
    own[margin : high - margin, columns] = TEXT


def _spread(flags: npt.NDArray[np.bool_], length: float) -> npt.NDArray[np.float32]:
    """Return the share of marked columns around each column."""
    window = (2 * int(length / 2) + 1, 1)
    return np.asarray(cv2.blur(flags[None].astype(np.float32), window)[0], np.float32)


def _fill_box(
    random: np.random.Generator, square: GreyImage, labels: npt.NDArray[np.uint8]
) -> None:
    """Fill a box with one level, as a mask does; there is no text in it."""
    left, top = (int(v) for v in random.integers(-20, CROP_PIXELS - 10, 2))
    right, bottom = left + int(random.integers(16, 140)), top + int(random.integers(8, 40))
    area = (slice(max(0, top), max(0, bottom)), slice(max(0, left), max(0, right)))
    square[area] = random.choice([0.0, 0.0, 255.0, random.uniform(0, 255)])
    labels[area] = NO_TEXT
