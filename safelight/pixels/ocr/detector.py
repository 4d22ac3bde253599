"""Where text stands: the DB detector of PP-OCRv6 small, tile by tile.

DB (Liao et al., 2020) marks the pixels that belong to text; their connected pieces, grown
again by what the training shrank, are the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture

#: Share of text in a pixel above which the detector's map counts as text (DB, section 3.4).
PIXEL_THRESHOLD = 0.3
BOX_THRESHOLD = 0.4
#: Lines of text are not thicker than this in a picture made for reading.
THICK = 96
#: Shorter side of a box, in pixels, below which nothing in it can be read.
SMALL = 7
#: The detector marks shrunken text; boxes grow by area x ratio / perimeter.
UNCLIP_RATIO = 1.6
#: Pixels around an area that are looked at with it, so that text at its edge is seen whole:
#: those of the picture, and outside it the background of its edge.
BORDER = 16
#: Longest side of a tile. The network takes about 0.3 GB for a tile of this size.
TILE = 1024
#: Pixels that neighbouring tiles share: more than the height of a line.
SHARED = 96


class Detector:
    """Boxes of what looks like lines of text.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        (1, 3, rows, columns) in, (1, 1, rows, columns) out: text in each pixel, 0 to 1.
    """

    def __init__(self, session: Any):
        self._session = session

    def detect(
        self, picture: Picture, areas: Sequence[Box] | None = None
    ) -> list[tuple[Box, float]]:
        """Boxes in a picture, or in some areas of it, and how surely each is text, 0 to 1.

        Lines that stand in several tiles are one.
        """
        rows, columns = picture.shape[:2]
        if areas is None:
            areas = [Box(0, 0, columns, rows)]
        cut = [tile for area in areas for tile in split_into_tiles(area)]
        found = [box for tile in cut for box in self._in_tile(picture, tile)]
        return merge_boxes(found) if len(cut) > 1 else found

    def _in_tile(self, picture: Picture, tile: Box) -> list[tuple[Box, float]]:
        rows, columns = picture.shape[:2]
        x, y, w, h = tile
        left, top = x - BORDER, y - BORDER
        high, wide = (-(-(side + 2 * BORDER) // 32) * 32 for side in (h, w))
        cut = picture[max(0, top) : top + high, max(0, left) : left + wide]
        edge = float(np.median(np.concatenate([picture[0].ravel(), picture[-1].ravel()])))
        before = (max(0, -top), max(0, -left))
        padded = cv2.copyMakeBorder(
            cut, before[0], high - cut.shape[0] - before[0],
            before[1], wide - cut.shape[1] - before[1],
            cv2.BORDER_CONSTANT, value=[edge] * 3,
        )  # fmt: skip
        chart = self._session.run(None, {"x": make_network_input(np.asarray(padded))})[0][0, 0]
        found: list[tuple[Box, float]] = []
        for (x, y, w, h), area, score in _components(chart, PIXEL_THRESHOLD):
            grow = round(area * UNCLIP_RATIO / (2 * (w + h)))
            first, last = max(x - grow + left, 0), min(x + w + grow + left, columns)
            upper, lower = max(y - grow + top, 0), min(y + h + grow + top, rows)
            if min(last - first, lower - upper) >= SMALL:
                found.append((Box(first, upper, last - first, lower - upper), score))
        return found


def split_into_tiles(area: Box) -> list[Box]:
    """An area cut into tiles that overlap by ``SHARED`` pixels; itself when it is small."""
    x, y, w, h = area
    return [
        Box(x + left, y + top, wide, high)
        for top, high in _stretches(h)
        for left, wide in _stretches(w)
    ]


def _stretches(length: int) -> list[tuple[int, int]]:
    if length <= TILE:
        return [(0, length)]
    count = -(-(length - SHARED) // (TILE - SHARED))
    begins = [round(n * (length - TILE) / (count - 1)) for n in range(count)]
    return [(begin, TILE) for begin in begins]


def merge_boxes(boxes: Sequence[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Boxes of which several tiles saw a part of the same line, made one."""
    found: list[tuple[Box, float]] = []
    for box, score in boxes:
        again = True
        while again:
            again = False
            for other in found:
                if _one_line(box, other[0]):
                    found.remove(other)
                    box, again = box.union(other[0]), True
                    score = max(score, other[1])
                    break
        found.append((box, score))
    return found


def _one_line(one: Box, other: Box) -> bool:
    """Whether two boxes overlap as the parts of one line do: by most of its thickness."""
    wide, high = one.shared_width(other), one.shared_height(other)
    if wide <= 0 or high <= 0:
        return False
    heights, widths = (one.height, other.height), (one.width, other.width)
    across = high > 0.6 * max(heights) and wide > 0.25 * min(heights)
    along = wide > 0.6 * max(widths) and high > 0.25 * min(widths)
    return across or along


def _components(
    chart: npt.NDArray[np.float32], threshold: float, corner: tuple[int, int] = (0, 0)
) -> list[tuple[Box, int, float]]:
    """Connected pieces of the text map: box, area, mean value.

    A piece too thick for a line of text is anatomy, or text grown together with it: it is
    cut again at a higher threshold, and dropped when that does not help.
    """
    mask = cv2.dilate((chart > threshold).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    found: list[tuple[Box, int, float]] = []
    for label in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[label])
        if min(w, h) < 3:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = labels[window] == label
        if min(w, h) > THICK:
            if threshold < 0.9:
                piece = np.where(own, chart[window], 0).astype(np.float32)
                place = (corner[0] + x, corner[1] + y)
                found += _components(piece, threshold + 0.3, place)
            continue
        score = float(chart[window][own].mean())
        if score >= BOX_THRESHOLD:
            found.append((Box(corner[0] + x, corner[1] + y, w, h), area, score))
    return found


def make_network_input(picture: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """What both networks take: (1, 3, rows, columns), blue green red, -1 to 1."""
    values = picture.astype(np.float32) / 127.5 - 1
    planes = np.stack([values] * 3) if values.ndim == 2 else values[:, :, ::-1].transpose(2, 0, 1)
    return np.ascontiguousarray(planes[None], np.float32)
