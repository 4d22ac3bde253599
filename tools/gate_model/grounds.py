"""What text is drawn over: pictures without text, and drawn ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.windowing import brightest_channel
from safelight.records import Refusal

Grey = npt.NDArray[np.float32]
#: Frames of one object, at most, and pixels of a side, at least.
FRAMES, SIDE = 4, 60


def pictures(files: Sequence[Path]) -> list[npt.NDArray[np.uint8]]:
    """The first frames of DICOM objects and their own windows, each once."""
    found: dict[bytes, npt.NDArray[np.uint8]] = {}
    for path in files:
        try:
            source = FrameSource.from_bytes(path.read_bytes())
            for group in frame_groups.group_equal_frames(source)[:FRAMES]:
                for picture in frame_groups.make_frame_picture(source, group).plain:
                    plain = brightest_channel(picture)
                    if min(plain.shape) >= SIDE and plain.std() > 4:
                        found.setdefault(plain.tobytes()[:65536], plain)
        except Refusal:
            continue
    return list(found.values())


def ground(random: np.random.Generator, real: Sequence[npt.NDArray[np.uint8]], side: int) -> Grey:
    """A square of a real picture, changed in many ways, or a drawn one; 0 to 255."""
    kind = random.random()
    if real and kind < 0.65:
        square = _cut(random, real, side)
        if random.random() < 0.15:
            share = random.uniform(0.3, 0.7)
            square = share * square + (1 - share) * _cut(random, real, side)
    elif kind < 0.85:
        square = _cloud(random, side)
    else:
        square = np.full((side, side), random.choice([0, 255, random.uniform(0, 255)]), np.float32)
    if random.random() < 0.3:
        square = 255 * (np.clip(square, 0, 255) / 255) ** random.uniform(0.5, 2)
    if random.random() < 0.3:
        low, high = np.sort(random.uniform(0, 255, 2))
        square = (square - low) * 255 / max(high - low, 40)
    if random.random() < 0.15:
        square = 255 - square
    noise = random.choice([0, 0, 2, 5, 10, 20]) * random.random()
    if noise:
        grain = random.normal(0, noise, (side, side)).astype(np.float32)
        if random.random() < 0.5:
            grain = cv2.GaussianBlur(grain, (0, 0), random.uniform(0.4, 2)) * 2
        square = square + grain
    for _ in range(random.choice([0, 0, 1, 2])):
        _graphics(random, square)
    return np.clip(square, 0, 255).astype(np.float32)


def _cut(random: np.random.Generator, real: Sequence[npt.NDArray[np.uint8]], side: int) -> Grey:
    whole = real[random.integers(len(real))]
    wanted = side / random.choice([0.5, 0.75, 1, 1, 1, 1.25, 2, 2.5])
    high, wide = (min(round(wanted), length) for length in whole.shape)
    top = random.integers(whole.shape[0] - high + 1)
    left = random.integers(whole.shape[1] - wide + 1)
    cut = whole[top : top + high, left : left + wide].astype(np.float32)
    if random.random() < 0.5:
        cut = cut[:, ::-1]
    cut = np.rot90(cut, random.integers(4))
    way = cv2.INTER_AREA if min(high, wide) > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(cut), (side, side), interpolation=way))


def _cloud(random: np.random.Generator, side: int) -> Grey:
    """Noise of several sizes, with edges: tissue, or cloth, as far as anyone can tell."""
    square = np.full((side, side), random.uniform(0, 200), np.float32)
    for _ in range(random.integers(1, 4)):
        size = int(random.choice([2, 4, 6, 8, 16, 32, 64]))
        coarse = random.normal(0, random.uniform(5, 50), (side // size + 2, side // size + 2))
        large = cv2.resize(coarse.astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
        if random.random() < 0.3:
            large = np.where(large > 0, random.uniform(10, 60), 0).astype(np.float32)
        square += large
    return square


def _graphics(random: np.random.Generator, square: Grey) -> None:
    """Lines, curves, grids, ticks and circles, which are no text."""
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
        at = np.arange(side)
        wave = y + w / 8 * np.sin(at / random.uniform(3, 30)) + random.normal(0, h / 60, side)
        points = np.stack([at, wave], 1).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(square, [points], False, ink, 1, cv2.LINE_AA)
    else:
        cv2.drawMarker(square, (x, y), ink, int(random.integers(3)), int(random.integers(5, 20)))
