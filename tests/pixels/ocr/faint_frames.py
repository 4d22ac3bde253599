"""Noisy frames with rows of text of one level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading

ROWS = ("SEXTON CARMEN", "ID 48213977", "OAKFIELD CLINIC")


def make_frame(ink: int, rows: Sequence[str] = ROWS) -> tuple[np.ndarray, list[Box]]:
    """Return a noisy frame with rows of text, and their boxes."""
    values = np.random.default_rng(5).normal(90, 1.5, (200, 400))
    boxes = []
    for number, text in enumerate(rows):
        canvas = Image.new("1", (400, 200))
        ImageDraw.Draw(canvas).text((60, 60 + 26 * number), text, 1, ImageFont.load_default(16))
        letters = np.array(canvas)
        values[letters] = ink
        inked = (np.flatnonzero(letters.any(axis=axis)) for axis in (1, 0))
        (top, bottom), (left, right) = ((int(n[0]), int(n[-1]) + 1) for n in inked)
        boxes.append(Box(left, top, right - left, bottom - top))
    return np.clip(np.rint(values), 0, 255).astype(np.uint8), boxes


def covered_share(box: Box, found: Sequence[Reading]) -> float:
    """Return the share of a box that readings cover."""
    hidden = np.zeros((200, 400), bool)
    for reading in found:
        hidden[reading.box.slices] = True
    return float(hidden[box.slices].mean())
