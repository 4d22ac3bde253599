"""Detection of lines of text: the DB network of PP-OCRv6 small, tile by tile.

DB (Liao et al., 2020) gives each pixel a probability of text. Connected components of likely
pixels, grown by the amount that the training shrank them, are the boxes of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Tilt
from safelight.pixels.thresholds import (
    OCR_DETECTOR_BOX_MIN_PROBABILITY,
    OCR_DETECTOR_BOX_MIN_SIDE_PIXELS,
    OCR_DETECTOR_COMPONENT_MIN_SIDE_PIXELS,
    OCR_DETECTOR_LINE_MAX_THICKNESS_PIXELS,
    OCR_DETECTOR_MARGIN_PIXELS,
    OCR_DETECTOR_PIXEL_MIN_PROBABILITY,
    OCR_DETECTOR_SPLIT_MAX_PROBABILITY,
    OCR_DETECTOR_SPLIT_STEP_PROBABILITY,
    OCR_DETECTOR_STRIDE_PIXELS,
    OCR_DETECTOR_UNCLIP_RATIO,
    OCR_TILE_MAX_SIDE_PIXELS,
    OCR_TILE_OVERLAP_PIXELS,
    OCR_TILE_PARTS_MIN_LENGTH_HEIGHTS,
    OCR_TILE_PARTS_MIN_THICKNESS_SHARE,
    TILTED_LINE_MIN_ASPECT_RATIO,
    TILTED_LINE_MIN_DEGREES,
    TILTED_LINE_MIN_FILLED_SHARE,
    TILTED_LINE_MIN_PROBABILITY,
)


class TiltedBox(NamedTuple):
    """A line that is tilted against the rows and columns of a picture.

    Attributes
    ----------
    box : Box
        Box around the line, in pixels.
    tilt : Tilt
        Angle and size of the line.
    score : float
        Probability of text, 0 to 1.
    """

    box: Box
    tilt: Tilt
    score: float


class Detector:
    """Text detector.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        Input of shape (1, 3, rows, columns); output of shape (1, 1, rows, columns), the
        probability of text of each pixel, 0 to 1.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    def detect(
        self, picture: Picture, areas: Sequence[Box] | None = None
    ) -> list[tuple[Box, float]]:
        """Return boxes of lines with their probability of text, 0 to 1.

        Parameters
        ----------
        picture : ndarray of uint8
            Shape (rows, columns) or (rows, columns, 3) in RGB.
        areas : sequence of Box, optional
            Areas to search, by default the whole picture.

        Returns
        -------
        list of (Box, float)
            A line that several tiles show is one box.
        """
        return self.detect_all(picture, areas)[0]

    def detect_all(
        self, picture: Picture, areas: Sequence[Box] | None = None
    ) -> tuple[list[tuple[Box, float]], list[TiltedBox]]:
        """Return the boxes of lines, as :meth:`detect` does, and the tilted lines.

        Parameters
        ----------
        picture : ndarray of uint8
            Shape (rows, columns) or (rows, columns, 3) in RGB.
        areas : sequence of Box, optional
            Areas to search, by default the whole picture.
        """
        rows, columns = picture.shape[:2]
        if areas is None:
            areas = [Box(0, 0, columns, rows)]
        tiles = [tile for area in areas for tile in split_into_tiles(area)]
        found: list[tuple[Box, float]] = []
        tilted: list[TiltedBox] = []
        for tile in tiles:
            boxes, others = self._detect_in_tile(picture, tile)
            found += boxes
            tilted += others
        return merge_boxes(found) if len(tiles) > 1 else found, tilted

    def _detect_in_tile(
        self, picture: Picture, tile: Box
    ) -> tuple[list[tuple[Box, float]], list[TiltedBox]]:
        """Return the boxes and the tilted lines of one tile, in pixels of the picture."""
        rows, columns = picture.shape[:2]
        left, top = tile.left - OCR_DETECTOR_MARGIN_PIXELS, tile.top - OCR_DETECTOR_MARGIN_PIXELS
        stride = OCR_DETECTOR_STRIDE_PIXELS
        high, wide = (
            -(-(side + 2 * OCR_DETECTOR_MARGIN_PIXELS) // stride) * stride
            for side in (tile.height, tile.width)
        )
        cut = picture[max(0, top) : top + high, max(0, left) : left + wide]
        background = float(np.median(np.concatenate([picture[0].ravel(), picture[-1].ravel()])))
        above, before = max(0, -top), max(0, -left)
        padded = cv2.copyMakeBorder(
            cut, above, high - cut.shape[0] - above, before, wide - cut.shape[1] - before,
            cv2.BORDER_CONSTANT, value=[background] * 3,
        )  # fmt: skip
        chart = self._session.run(None, {"x": make_network_input(np.asarray(padded))})[0][0, 0]
        found: list[tuple[Box, float]] = []
        for box, area, score in _find_components(chart, OCR_DETECTOR_PIXEL_MIN_PROBABILITY):
            margin = round(area * OCR_DETECTOR_UNCLIP_RATIO / (2 * (box.width + box.height)))
            grown = box.move(left, top).grow(margin, margin).clip(rows, columns)
            if min(grown.width, grown.height) >= OCR_DETECTOR_BOX_MIN_SIDE_PIXELS:
                found.append((grown, score))
        tilted = [
            line._replace(box=line.box.move(left, top).clip(rows, columns))
            for line in find_tilted(chart)
        ]
        return found, tilted


def find_tilted(chart: npt.NDArray[np.float32]) -> list[TiltedBox]:
    """Return the tilted lines in a map of text.

    The angle is that of the smallest rectangle around a component; level lines, and components that
    do not fill their rectangle as a line does, are left out.

    Parameters
    ----------
    chart : ndarray of float32
        Probability of text of each pixel.
    """
    mask = (chart > OCR_DETECTOR_PIXEL_MIN_PROBABILITY).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    found = []
    for label, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1):
        if not _can_be_tilted(w, h, area):
            continue
        own = labels[y : y + h, x : x + w] == label
        tilt = _measure_tilt(own, area)
        score = float(chart[y : y + h, x : x + w][own].mean())
        if tilt is not None and score >= TILTED_LINE_MIN_PROBABILITY:
            margin = round(tilt.height / 2)
            found.append(TiltedBox(Box(x, y, w, h).grow(margin, margin), tilt, score))
    return found


def _can_be_tilted(width: int, height: int, area: int) -> bool:
    """Return whether a component has the extent of a tilted line: two long sides, half empty."""
    least = OCR_DETECTOR_BOX_MIN_SIDE_PIXELS
    return min(width, height) >= least and area < TILTED_LINE_MIN_FILLED_SHARE * width * height


def _measure_tilt(own: npt.NDArray[np.bool_], area: int) -> Tilt | None:
    """Return the tilt of a component of some pixels, or None if it is not that of a line."""
    rows, columns = np.nonzero(own)
    points = np.stack([columns, rows], axis=1).astype(np.float32)
    _, (length, height), angle = cv2.minAreaRect(points)
    length, height = length + 1, height + 1
    if length < height:
        length, height, angle = height, length, angle + 90
    from_axis = angle % 90
    if min(from_axis, 90 - from_axis) < TILTED_LINE_MIN_DEGREES:
        return None
    is_line = length >= TILTED_LINE_MIN_ASPECT_RATIO * height
    if not is_line or area < TILTED_LINE_MIN_FILLED_SHARE * length * height:
        return None
    if height > OCR_DETECTOR_LINE_MAX_THICKNESS_PIXELS:
        return None
    margin = area * OCR_DETECTOR_UNCLIP_RATIO / (length + height)
    return Tilt((angle + 90) % 180 - 90, length + margin, height + margin)


def split_into_tiles(area: Box) -> list[Box]:
    """Return overlapping tiles that cover an area; a small area is one tile."""
    return [
        Box(area.left + left, area.top + top, wide, high)
        for top, high in _split_length(area.height)
        for left, wide in _split_length(area.width)
    ]


def _split_length(length: int) -> list[tuple[int, int]]:
    """Return begin and length of the overlapping parts of a side."""
    longest, overlap = OCR_TILE_MAX_SIDE_PIXELS, OCR_TILE_OVERLAP_PIXELS
    if length <= longest:
        return [(0, length)]
    count = -(-(length - overlap) // (longest - overlap))
    begins = [round(n * (length - longest) / (count - 1)) for n in range(count)]
    return [(begin, longest) for begin in begins]


def merge_boxes(boxes: Sequence[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Return the boxes with those merged that are parts of one line in several tiles."""
    merged: list[tuple[Box, float]] = []
    for candidate in boxes:
        box, score = candidate
        while part := next((one for one in merged if _is_one_line(box, one[0])), None):
            merged.remove(part)
            box, score = box.union(part[0]), max(score, part[1])
        merged.append((box, score))
    return merged


def _is_one_line(one: Box, other: Box) -> bool:
    """Return whether two boxes overlap by most of their thickness, as parts of one line do."""
    wide, high = one.shared_width(other), one.shared_height(other)
    if wide <= 0 or high <= 0:
        return False
    heights, widths = (one.height, other.height), (one.width, other.width)
    thick, long = OCR_TILE_PARTS_MIN_THICKNESS_SHARE, OCR_TILE_PARTS_MIN_LENGTH_HEIGHTS
    is_horizontal = high > thick * max(heights) and wide > long * min(heights)
    is_vertical = wide > thick * max(widths) and high > long * min(widths)
    return is_horizontal or is_vertical


def _find_components(
    chart: npt.NDArray[np.float32], threshold: float, corner: tuple[int, int] = (0, 0)
) -> list[tuple[Box, int, float]]:
    """Return box, area and mean probability of the connected components of a text map.

    A component that is too thick for a line is anatomy, or text connected with it. It is split
    at a higher threshold, and dropped if that does not help.

    Parameters
    ----------
    chart : ndarray of float32
        Probability of text of each pixel.
    threshold : float
        Least probability of a pixel.
    corner : tuple of int
        Column and row of the chart in the tile.
    """
    mask = cv2.dilate((chart > threshold).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    found: list[tuple[Box, int, float]] = []
    for label in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[label])
        if min(w, h) < OCR_DETECTOR_COMPONENT_MIN_SIDE_PIXELS:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = labels[window] == label
        if min(w, h) > OCR_DETECTOR_LINE_MAX_THICKNESS_PIXELS:
            if threshold < OCR_DETECTOR_SPLIT_MAX_PROBABILITY:
                piece = np.where(own, chart[window], 0).astype(np.float32)
                place = (corner[0] + x, corner[1] + y)
                higher = threshold + OCR_DETECTOR_SPLIT_STEP_PROBABILITY
                found += _find_components(piece, higher, place)
            continue
        score = float(chart[window][own].mean())
        if score >= OCR_DETECTOR_BOX_MIN_PROBABILITY:
            found.append((Box(corner[0] + x, corner[1] + y, w, h), area, score))
    return found


def make_network_input(picture: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return a picture as input of both networks.

    Returns
    -------
    ndarray of float32
        Shape (1, 3, rows, columns), planes in the order blue, green, red, values -1 to 1.
    """
    values = picture.astype(np.float32) / 127.5 - 1
    planes = np.stack([values] * 3) if values.ndim == 2 else values[:, :, ::-1].transpose(2, 0, 1)
    return np.ascontiguousarray(planes[None], np.float32)
