"""Backgrounds of training crops: parts of pictures without text, and drawn pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.windowing import brightest_channel
from safelight.pixels.geometry import Box
from safelight.records import Refusal
from tools.gate_model.open_pictures import OPEN_PICTURE_SUFFIXES, read_open_picture

#: Grey values from 0 to 255 (floating point), rows × columns.
GreyImage = npt.NDArray[Any]

_MAX_FRAMES_PER_OBJECT = 4
_MIN_SIDE_PIXELS = 60
#: Standard deviation below which a picture counts as empty.
_MIN_STANDARD_DEVIATION = 4
#: Bytes by which pictures are compared.
_IDENTITY_BYTES = 65536


def load_pictures(files: Sequence[Path]) -> list[npt.NDArray[np.uint8]]:
    """Return the distinct pictures of DICOM objects, rendered with their own windows.

    Objects that are refused are left out.

    Parameters
    ----------
    files : sequence of Path
    """
    return load_picture_parts([(path, None) for path in files])


def read_picture_list(path: Path) -> list[tuple[Path, Box | None]]:
    """Return the files of a list, each with the part that is used.

    Parameters
    ----------
    path : Path
        A file with one path on each line, after which the left and top edge, width and height of
        a part without text can follow.
    """
    parts: list[tuple[Path, Box | None]] = []
    for line in path.read_text("utf-8").splitlines():
        name, *numbers = line.split()
        left, top, width, height = map(int, numbers or (0, 0, 0, 0))
        parts.append((Path(name), Box(left, top, width, height) if numbers else None))
    return parts


def load_picture_parts(
    parts: Sequence[tuple[Path, Box | None]],
) -> list[npt.NDArray[np.uint8]]:
    """Return the distinct pictures of files, or a part of each; refused objects are left out."""
    found: dict[bytes, npt.NDArray[np.uint8]] = {}
    for path, box in parts:
        for whole in _read_pictures(path):
            picture = whole if box is None else np.ascontiguousarray(whole[box.slices])
            if min(picture.shape) >= _MIN_SIDE_PIXELS and picture.std() > _MIN_STANDARD_DEVIATION:
                found.setdefault(picture.tobytes()[:_IDENTITY_BYTES], picture)
    return list(found.values())


def _read_pictures(path: Path) -> list[npt.NDArray[np.uint8]]:
    """Return the gray pictures of a DICOM object or of another file."""
    if path.name.endswith(OPEN_PICTURE_SUFFIXES):
        return read_open_picture(path)
    try:
        source = FrameSource.from_bytes(path.read_bytes())
        groups = frame_groups.group_equal_frames(source)[:_MAX_FRAMES_PER_OBJECT]
        return [
            brightest_channel(picture)
            for group in groups
            for picture in frame_groups.make_frame_picture(source, group).visible
        ]
    except Refusal:
        return []


def make_background(
    random: np.random.Generator, pictures: Sequence[npt.NDArray[np.uint8]], side: int
) -> GreyImage:
    """Return a square background: an augmented part of a picture, or a drawn one.

    Parameters
    ----------
    random : Generator
    pictures : sequence of ndarray
        Pictures without text, rows × columns.
    side : int
        Side of the square in pixels.
    """
    background = _choose_background(random, pictures, side)
    background = _change_contrast(random, background)
    background = _add_noise(random, background)
    for _ in range(random.choice([0, 0, 1, 2])):
        _draw_graphics(random, background)
    return np.clip(background, 0, 255).astype(np.float32)


def add_speckle(random: np.random.Generator, square: GreyImage) -> GreyImage:
    """Return a square with multiplied speckle, as in ultrasound: wide grains, dark to bright."""
    real, imaginary = (
        cv2.GaussianBlur(
            random.normal(0, 1, square.shape).astype(np.float32), (0, 0),
            random.uniform(0.6, 4), sigmaY=random.uniform(0.5, 2),
        )
        for _ in range(2)
    )  # fmt: skip
    grains = np.sqrt(real**2 + imaginary**2)
    grains = grains / max(float(grains.mean()), 1e-6)
    strength = random.uniform(0.15, 1)
    return np.asarray(square * (1 - strength + strength * grains), np.float32)


def _choose_background(
    random: np.random.Generator, pictures: Sequence[npt.NDArray[np.uint8]], side: int
) -> GreyImage:
    """Return a part of a picture or a blend of two, random clouds, or a uniform square."""
    kind = random.random()
    if pictures and kind < 0.65:
        square = _cut_from_picture(random, pictures, side)
        if random.random() < 0.15:
            share = random.uniform(0.3, 0.7)
            square = share * square + (1 - share) * _cut_from_picture(random, pictures, side)
        return square
    if kind < 0.85:
        return _draw_clouds(random, side)
    return np.full((side, side), random.choice([0, 255, random.uniform(0, 255)]), np.float32)


def _change_contrast(random: np.random.Generator, square: GreyImage) -> GreyImage:
    """Return a square with another gamma, window or polarity, or the same."""
    if random.random() < 0.3:
        square = 255 * (np.clip(square, 0, 255) / 255) ** random.uniform(0.5, 2)
    if random.random() < 0.3:
        low, high = np.sort(random.uniform(0, 255, 2))
        square = (square - low) * 255 / max(high - low, 40)
    if random.random() < 0.15:
        square = 255 - square
    return square


def _add_noise(random: np.random.Generator, square: GreyImage) -> GreyImage:
    """Return a square with noise, fine or smoothed, or the same."""
    level = random.choice([0, 0, 2, 5, 10, 20]) * random.random()
    if not level:
        return square
    noise: GreyImage = random.normal(0, level, square.shape).astype(np.float32)
    if random.random() < 0.5:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), random.uniform(0.4, 2))) * 2
    return square + noise


def _cut_from_picture(
    random: np.random.Generator, pictures: Sequence[npt.NDArray[np.uint8]], side: int
) -> GreyImage:
    """Return a part of a picture, scaled, mirrored and rotated."""
    picture = pictures[int(random.integers(len(pictures)))]
    wanted = side / random.choice([0.5, 0.75, 1, 1, 1, 1.25, 2, 2.5, 4])
    height, width = (min(round(wanted), length) for length in picture.shape)
    top = int(random.integers(picture.shape[0] - height + 1))
    left = int(random.integers(picture.shape[1] - width + 1))
    part = picture[top : top + height, left : left + width].astype(np.float32)
    if random.random() < 0.5:
        part = part[:, ::-1]
    part = np.rot90(part, int(random.integers(4)))
    interpolation = cv2.INTER_AREA if min(height, width) > side else cv2.INTER_CUBIC
    size = (side, side)
    return np.asarray(cv2.resize(np.ascontiguousarray(part), size, interpolation=interpolation))


def _draw_clouds(random: np.random.Generator, side: int) -> GreyImage:
    """Return noise of several scales, some with edges, which resembles tissue."""
    square = np.full((side, side), random.uniform(0, 200), np.float32)
    for _ in range(random.integers(1, 4)):
        size = int(random.choice([2, 4, 6, 8, 16, 32, 64]))
        coarse = random.normal(0, random.uniform(5, 50), (side // size + 2, side // size + 2))
        cloud = cv2.resize(coarse.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        if random.random() < 0.3:
            cloud = np.where(cloud > 0, random.uniform(10, 60), 0).astype(np.float32)
        square += cloud
    return square


def _draw_graphics(random: np.random.Generator, square: GreyImage) -> None:
    """Draw a line, ticks, a grid, a circle, a curve or a marker, which are not text."""
    side = square.shape[0]
    ink = float(random.choice([0, 255, random.uniform(0, 255)]))
    kind = random.integers(6)
    x, y, w, h = (int(v) for v in random.integers(0, side, 4))
    if kind == 0:
        cv2.line(square, (x, y), (w, h), ink, int(random.integers(1, 3)), cv2.LINE_AA)
    elif kind == 1:
        step = int(random.integers(6, 40))
        for at in range(x % step, side, step):
            length = int(random.choice([3, 5, 9])) + 4 * (at // step % 5 == 0)
            cv2.line(square, (at, y), (at, y + length), ink, 1)
        if random.random() < 0.5:
            square[:] = square.T.copy()
    elif kind == 2:
        step = int(random.integers(8, 40))
        square[y % step :: step] = ink
        if random.random() < 0.5:
            square[:, x % step :: step] = ink
    elif kind == 3:
        cv2.circle(square, (x, y), int(random.integers(3, side // 2)), ink, 1, cv2.LINE_AA)
    elif kind == 4:
        columns = np.arange(side)
        wave = y + w / 8 * np.sin(columns / random.uniform(3, 30)) + random.normal(0, h / 60, side)
        points = np.stack([columns, wave], 1).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(square, [points], False, ink, 1, cv2.LINE_AA)
    else:
        cv2.drawMarker(square, (x, y), ink, int(random.integers(3)), int(random.integers(5, 20)))
