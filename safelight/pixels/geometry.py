"""Boxes in the pixels of a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle of whole pixels. It compares, hashes and unpacks as a tuple of four integers.

    Attributes
    ----------
    left, top : int
        Column and row of its first pixel, counted from 0 at the top left of the picture.
        A box may begin outside the picture.
    width, height : int
        Extent in pixels.
    """

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Column after the last one."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """Row after the last one."""
        return self.top + self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the box, as the index of an array whose first pixel is (0, 0)."""
        return (
            slice(max(0, self.top), max(0, self.bottom)),
            slice(max(0, self.left), max(0, self.right)),
        )

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """Return the smallest box that holds all of some boxes, of which there is at least one."""
        first, *others = boxes
        for other in others:
            first = first.union(other)
        return first

    def union(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        right = max(self.left + self.width, other.left + other.width)
        bottom = max(self.top + self.height, other.top + other.height)
        return Box(left, top, right - left, bottom - top)

    def clip(self, rows: int, columns: int) -> Box:
        """Return the part inside a picture of a size; width or height is 0 if there is none.

        Parameters
        ----------
        rows, columns : int
            Size of the picture in pixels.
        """
        left, top = max(0, self.left), max(0, self.top)
        return Box(
            left,
            top,
            max(0, min(columns, self.left + self.width) - left),
            max(0, min(rows, self.top + self.height) - top),
        )

    def grow(self, horizontal: int, vertical: int) -> Box:
        """Return the box with margins: ``horizontal`` on two sides, ``vertical`` on the others.

        Parameters
        ----------
        horizontal : int
            Margin on the left and on the right, in pixels; negative to shrink the box.
        vertical : int
            Margin above and below, in pixels; negative to shrink the box.
        """
        return Box(
            self.left - horizontal,
            self.top - vertical,
            self.width + 2 * horizontal,
            self.height + 2 * vertical,
        )

    def move(self, right: int, down: int) -> Box:
        """Return the box moved by some pixels.

        Parameters
        ----------
        right : int
            Columns to the right, in pixels; negative to the left.
        down : int
            Rows downwards, in pixels; negative upwards.
        """
        return Box(self.left + right, self.top + down, self.width, self.height)

    def scale(self, factor: float) -> Box:
        """Return the box in a picture that is scaled by a factor, rounded outwards."""
        left, top = math.floor(self.left * factor), math.floor(self.top * factor)
        return Box(
            left,
            top,
            math.ceil((self.left + self.width) * factor) - left,
            math.ceil((self.top + self.height) * factor) - top,
        )

    def shared_width(self, other: Box) -> int:
        """Return the number of columns that both boxes cover; a gap counts as a negative number."""
        right = min(self.left + self.width, other.left + other.width)
        return right - max(self.left, other.left)

    def shared_height(self, other: Box) -> int:
        """Return the number of rows that both boxes cover; a gap counts as a negative number."""
        bottom = min(self.top + self.height, other.top + other.height)
        return bottom - max(self.top, other.top)

    def horizontal_overlap(self, other: Box) -> float:
        """Return the columns that both boxes cover as a share of the narrower one, 0 to 1."""
        return max(0, self.shared_width(other)) / max(1, min(self.width, other.width))

    def vertical_overlap(self, other: Box) -> float:
        """Return the rows that both boxes cover as a share of the lower one, 0 to 1."""
        return max(0, self.shared_height(other)) / max(1, min(self.height, other.height))

    def intersects(self, other: Box) -> bool:
        """Return whether the boxes share a pixel."""
        return self.shared_width(other) > 0 and self.shared_height(other) > 0


def merge_intersecting(boxes: Iterable[Box]) -> list[Box]:
    """Return boxes that cover some boxes and do not intersect."""
    areas: list[Box] = []
    for area in boxes:
        box = area
        while (other := next(filter(box.intersects, areas), None)) is not None:
            areas.remove(other)
            box = box.union(other)
        areas.append(box)
    return areas
