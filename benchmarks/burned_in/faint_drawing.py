"""Draw text of low contrast over open pictures of anatomy.

The contrast is a share of the local range: the 2nd to the 98th percentile of the levels within
``NEIGHBORHOOD_PIXELS`` of the text, and at least ``LOCAL_RANGE_MIN_LEVELS``. All pixels of the ink
have one level, as in pictures of devices. A value is legible if its strokes differ from the
background by more than the noise of the background in most of its columns.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pydicom.data
import yaml
from PIL import Image, ImageDraw

from benchmarks.burned_in.drawing import (
    Condition,
    draw_plotter_text,
    encode_object,
    load_font,
    plotter_text_width,
)
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.windowing import brightest_channel
from safelight.pixels.geometry import Box
from safelight.text.known.known_phi import KnownPHI, KnownValue

SIDE = 512
NEIGHBORHOOD_PIXELS = 48
LOCAL_RANGE_MIN_LEVELS = 128
#: Ratio of the difference of a stroke to the noise of the background, least difference, and share
#: of the columns with a stroke in which a legible value has them.
LEGIBLE_MIN_CONTRAST_TO_NOISE = 1.0
LEGIBLE_MIN_DIFFERENCE_LEVELS = 2.0
LEGIBLE_MIN_COLUMN_SHARE = 0.6

CONTRASTS = (0.02, 0.04, 0.06, 0.08, 0.10, 0.15)
#: Level of the background around the text: lowest and highest mean, and its range.
GROUNDS: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {
    "bone or teeth": ((185, 235), (40, 140)),
    "soft tissue": ((70, 150), (60, 180)),
    "black": ((2, 8), (0, 16)),
    "implant": ((80, 140), (80, 180)),
    "bright film": ((150, 215), (20, 80)),
}
_SURNAMES = ("HARTWELL", "OKONKWO", "LINDQVIST", "MARCHETTI", "DELACROIX", "YAMASHITA")
_GIVEN = ("AGNES", "TOBIAS", "MIRIAM", "CEDRIC", "NADIA", "LEONARD")
_PLACES = ("St. Brendan Hospital", "Lakeview Medical Center", "Oakfield University Clinic")
_KINDS = ("grey8", "grey8", "grey16", "monochrome1", "rgb")

GreyImage = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FaintValue:
    """A value that must be masked.

    Attributes
    ----------
    box : Box
        In pixels of the frame.
    is_legible : bool
        Strokes differ from the background by more than its noise in most columns.
    """

    text: str
    box: Box
    is_legible: bool


@dataclass(frozen=True)
class FaintObject:
    """A generated object with its values; a control has none."""

    data: bytes
    known: KnownPHI
    values: tuple[FaintValue, ...]


def load_pictures(data: Path | None) -> list[npt.NDArray[np.uint8]]:
    """Return the pictures of anatomy: those of the pydicom wheel, and of public test sets.

    Parameters
    ----------
    data : Path, optional
        Folder of the public test sets.
    """
    named = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    files = [pydicom.data.get_testdata_file(name, download=False) for name in named["pydicom"]]
    paths = [Path(str(file)) for file in files if file]
    if data is not None:
        paths += [data / name for name in named["data"] if (data / name).exists()]
    return [_load_picture(path) for path in paths]


@lru_cache(maxsize=32)
def _load_picture(path: Path) -> npt.NDArray[np.uint8]:
    source = FrameSource.from_bytes(path.read_bytes())
    return brightest_channel(frame_groups.make_frame_picture(source, (0,)).displayed)


def make_faint_object(
    pictures: Sequence[npt.NDArray[np.uint8]], ground: str, contrast: float, seed: str
) -> FaintObject:
    """Return one object; a control without text if the contrast is 0.

    Parameters
    ----------
    pictures : sequence of ndarray
        Result of :func:`load_pictures`.
    ground : str
        Key of ``GROUNDS``.
    contrast : float
        Share of the local range.
    seed : str
    """
    draw = random.Random(f"{ground}/{seed}")  # noqa: S311  seeded, not secret
    noise = np.random.default_rng(draw.getrandbits(32))
    font = draw.choice(("sans", "bold", "mono", "serif", "stroke"))
    how = Condition(ground, font=font, size=draw.randrange(12, 25), kind=draw.choice(_KINDS))
    rows, known = _draw_values(draw)
    block = _place_block(draw, rows, how)
    behind = _make_background(draw, noise, pictures, ground, block)
    picture, values = behind, ()
    if contrast:
        picture, values = _write(draw, behind, rows, block, how, contrast)
    header = KnownPHI(known if draw.random() < 0.5 else [])
    data = encode_object(np.clip(picture, 0, 255)[:, :, None], how)
    return FaintObject(data, header, values)


def _draw_values(draw: random.Random) -> tuple[list[tuple[str, str]], list[KnownValue]]:
    """Return the rows of a block, each with its key and its value, and the known values."""
    surname, given, place = draw.choice(_SURNAMES), draw.choice(_GIVEN), draw.choice(_PLACES)
    number = str(draw.randrange(10**7, 10**8))
    year, month, day = draw.randrange(1930, 2000), draw.randrange(1, 13), draw.randrange(1, 29)
    rows = [
        ("", f"{surname}, {given}"), ("ID: ", number),
        ("DOB: ", f"{day:02d}/{month:02d}/{year}"), ("", place),
    ]  # fmt: skip
    known = [
        KnownValue("NAME", f"{surname}^{given}"), KnownValue("ID", number),
        KnownValue("DATE", f"{year}{month:02d}{day:02d}"), KnownValue("LOCATION", place),
    ]  # fmt: skip
    return draw.sample(rows, draw.randrange(2, 5)), known


def _text_width(text: str, how: Condition) -> float:
    if how.font == "stroke":
        return plotter_text_width(text, how.size)
    return ImageDraw.Draw(Image.new("L", (1, 1))).textlength(text, font=load_font(how))


def _pitch(how: Condition) -> int:
    return round(how.size * 1.35)


def _place_block(draw: random.Random, rows: Sequence[tuple[str, str]], how: Condition) -> Box:
    width = round(max(_text_width(key + value, how) for key, value in rows)) + 1
    height = _pitch(how) * len(rows)
    left, top = draw.randrange(4, SIDE - 4 - width), draw.randrange(4, SIDE - 4 - height)
    return Box(left, top, width, height)


def _make_background(
    draw: random.Random,
    noise: np.random.Generator,
    pictures: Sequence[npt.NDArray[np.uint8]],
    ground: str,
    block: Box,
) -> GreyImage:
    """Return a part of a picture whose levels around the block are those of the ground."""
    picture = draw.choice(pictures).astype(np.float32)
    rows, columns = picture.shape
    side = min(rows, columns)
    side = max(min(side, 96), round(side * draw.uniform(0.35, 1.0)))
    left, top = draw.randrange(columns - side + 1), draw.randrange(rows - side + 1)
    part = cv2.resize(
        picture[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC
    )
    if draw.random() < 0.5:
        part = part[:, ::-1]
    part = np.asarray(part, np.float32) + noise.normal(0, draw.uniform(0.3, 2.5), (SIDE, SIDE))
    (least, most), (narrow, wide) = GROUNDS[ground]
    inside = part[block.grow(NEIGHBORHOOD_PIXELS, NEIGHBORHOOD_PIXELS).slices]
    low, high = np.percentile(inside, (2, 98))
    gain = draw.uniform(narrow, wide) / max(high - low, 8.0)
    part = (part - part[block.slices].mean()) * gain + draw.uniform(least, most)
    if ground == "implant":
        part = _add_implant(draw, noise, part, block)
    return np.clip(part, 0, 255).astype(np.float32)


def _add_implant(
    draw: random.Random, noise: np.random.Generator, part: npt.NDArray[Any], block: Box
) -> npt.NDArray[Any]:
    """Return a picture with a bright plate and its screws behind the block."""
    plate = np.zeros(part.shape, np.float32)
    middle = (block.left + block.width // 2, block.top + block.height // 2)
    turned = (middle, (block.width * 1.1, block.height * draw.uniform(0.8, 1.6)))
    corners = cv2.boxPoints((*turned, draw.uniform(-25, 25)))
    cv2.fillPoly(plate, [corners.astype(np.int32)], 1.0, cv2.LINE_AA)
    for _ in range(draw.randrange(2, 6)):
        place = (
            draw.randrange(block.left, block.right),
            draw.randrange(block.top, block.bottom),
        )
        cv2.circle(plate, place, draw.randrange(5, 14), draw.choice((0.8, 0.9)), -1, cv2.LINE_AA)
    level = draw.uniform(215, 252) + noise.normal(0, 1.2, part.shape)
    return part * (1 - plate) + level * plate


def _write(
    draw: random.Random,
    behind: GreyImage,
    rows: Sequence[tuple[str, str]],
    block: Box,
    how: Condition,
    contrast: float,
) -> tuple[GreyImage, tuple[FaintValue, ...]]:
    """Return the picture with the rows of a block, and their values."""
    canvas = Image.new("L", (SIDE, SIDE), 0)
    boxes: list[tuple[str, Box]] = []
    for number, (key, value) in enumerate(rows):
        y = block.top + number * _pitch(how)
        if how.font == "stroke":
            draw_plotter_text(canvas, key + value, block.left, y, how.size)
        else:
            ImageDraw.Draw(canvas).text((block.left, y), key + value, fill=255, font=load_font(how))
        begin, end = block.left + _text_width(key, how), block.left + _text_width(key + value, how)
        row = Box(round(begin), max(0, y - 2), round(end - begin), _pitch(how))
        boxes.append((value, _shrink_to_ink(canvas, row)))
    letters = np.asarray(canvas, np.float32) / 255
    around = behind[block.grow(NEIGHBORHOOD_PIXELS, NEIGHBORHOOD_PIXELS).slices]
    low, high = np.percentile(around, (2, 98))
    step = contrast * max(float(high - low), LOCAL_RANGE_MIN_LEVELS)
    mean = float(behind[block.slices].mean())
    up = mean + step <= 255 and (mean - step < 0 or draw.random() < 0.5)
    ink = mean + step if up else mean - step
    picture = behind * (1 - letters) + ink * letters
    return picture, tuple(_measure(text, box, behind, picture, letters) for text, box in boxes)


def _shrink_to_ink(canvas: Image.Image, row: Box) -> Box:
    """Return the part of a row from its first to its last pixel row with ink."""
    inked = np.flatnonzero((np.asarray(canvas)[row.slices] > 127).any(axis=1))
    if not inked.size:
        return row
    return Box(row.left, row.top + int(inked[0]), row.width, int(inked[-1] - inked[0]) + 1)


def _measure(
    text: str, box: Box, behind: GreyImage, picture: GreyImage, letters: GreyImage
) -> FaintValue:
    """Return a value with its legibility."""
    area = box.slices
    strokes = letters[area] > 0.5
    fine = behind - cv2.GaussianBlur(behind, (0, 0), 2.0)
    least = max(
        LEGIBLE_MIN_DIFFERENCE_LEVELS, LEGIBLE_MIN_CONTRAST_TO_NOISE * float(fine[area].std())
    )
    counts = strokes.sum(axis=0)
    difference = (np.abs(picture - behind)[area] * strokes).sum(axis=0) / np.maximum(counts, 1)
    visible = difference[counts > 0] >= least
    return FaintValue(text, box, bool(visible.size and visible.mean() >= LEGIBLE_MIN_COLUMN_SHARE))
