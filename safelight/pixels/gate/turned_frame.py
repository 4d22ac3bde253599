"""A frame that is turned by any angle, and the places of its pixels in the frame."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.thresholds import TILTED_COVER_LENGTH_HEIGHTS


class TurnedFrame:
    """A frame that is turned counterclockwise until its tilted text is level.

    Parameters
    ----------
    angle : float
        Degrees clockwise by which the text is tilted.
    shape : sequence of int
        Rows and columns of the frame.
    scale : float
        Factor by which the turned frame is scaled.
    """

    def __init__(self, angle: float, shape: Sequence[int], scale: float = 1.0) -> None:
        rows, columns = shape[0], shape[1]
        matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, scale)
        cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
        self.columns = int(np.ceil(columns * cos + rows * sin))
        self.rows = int(np.ceil(columns * sin + rows * cos))
        matrix[0, 2] += (self.columns - columns) / 2
        matrix[1, 2] += (self.rows - rows) / 2
        self._matrix = matrix
        self._inverse = cv2.invertAffineTransform(matrix)

    def turn(self, picture: Picture, is_reflected: bool = False) -> Picture:
        """Return a picture of the frame, turned and as large as needed.

        Parameters
        ----------
        picture : ndarray of uint8
            (rows, columns) or (rows, columns, 3).
        is_reflected : bool
            Continue the picture outside of the frame, instead of filling with its median.
        """
        turned = cv2.warpAffine(
            picture,
            self._matrix,
            (self.columns, self.rows),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT if is_reflected else cv2.BORDER_CONSTANT,
            borderValue=[0.0 if is_reflected else float(np.median(picture))] * 3,
        )
        return np.asarray(turned, np.uint8)

    def map_to(self, points: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return the places in the turned frame of points (columns, rows) of the frame."""
        return np.asarray(points @ self._matrix[:, :2].T + self._matrix[:, 2])

    def map_back(self, points: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return the places in the frame of points (columns, rows) of the turned frame."""
        return np.asarray(points @ self._inverse[:, :2].T + self._inverse[:, 2])

    def cover(self, box: Box) -> list[Box]:
        """Return boxes in the frame that together cover a box of the turned frame.

        Short boxes leave the rows above and below a tilted line open.
        """
        length = TILTED_COVER_LENGTH_HEIGHTS * max(1, box.height)
        steps = max(1, round(box.width / length))
        borders = [box.left + box.width * step / steps for step in range(steps + 1)]
        return [self._bound(left, box.top, right, box.bottom) for left, right in pairwise(borders)]

    def _bound(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Return the box in the frame around a rectangle of the turned frame."""
        corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]])
        points = self.map_back(corners)
        low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
        return Box(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
