"""Text that is tilted against the rows and columns of a frame, as on scanned films.

The detector marks tilted text as well as level text, but the recognizer reads level lines only. The
frame is turned by the angle that several marks or a clear one have in common, and read there. Boxes
of a turned frame are covered in the frame by a chain of small boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from safelight.pixels.gate.crop_regions import select_crop_regions
from safelight.pixels.gate.text_gate import Cells, find_text_cells
from safelight.pixels.gate.turned_frame import TurnedFrame
from safelight.pixels.gate.windowing import resize
from safelight.pixels.geometry import Box, merge_intersecting
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.line_merging import merge_readings, overlaps_line
from safelight.pixels.thresholds import (
    TILTED_AREA_ACROSS_HEIGHTS,
    TILTED_AREA_ALONG_HEIGHTS,
    TILTED_LINE_CERTAIN_MIN_ASPECT_RATIO,
    TILTED_LINE_CERTAIN_MIN_PROBABILITY,
    TILTED_LINE_HEIGHT_PIXELS,
    TILTED_LINES_CERTAIN_MIN_ASPECT_RATIO,
    TILTED_LINES_MAX_ANGLES,
    TILTED_LINES_MIN_COUNT,
    TILTED_LINES_TOLERANCE_DEGREES,
    TILTED_SCALE_LIMITS,
)


def read_tilted_lines(
    picture: Picture, tilted: Sequence[Reading], reader: TextReader
) -> dict[int, list[Reading]]:
    """Return the readings of the tilted lines of a picture by their angle.

    Parameters
    ----------
    picture : ndarray of uint8
        The whole range of the frame.
    tilted : sequence of Reading
        Places of tilted lines, as a reader finds them.
    reader : TextReader

    Returns
    -------
    dict of int to list of Reading
        Whole degrees clockwise to readings with boxes in the turned frame. A line that could not be
        read has no text.
    """
    found = {}
    for angle, places in group_angles(tilted).items():
        turned = TurnedFrame(angle, picture.shape)
        level = turned.turn(picture)
        boxes = [_find_place(place, turned) for place in places]
        readings = read_level_boxes(level, boxes, reader, find_text_cells(level))
        unread = [
            Reading(box, "", place.confidence)
            for box, place in zip(boxes, places)
            if place.confidence >= TILTED_LINE_CERTAIN_MIN_PROBABILITY
            and not any(overlaps_line(box, reading.box) for reading in readings)
        ]
        found[angle] = [*readings, *unread]
    return found


def group_angles(tilted: Sequence[Reading]) -> dict[int, list[Reading]]:
    """Return tilted lines by the angle that they share, those of texture left out.

    Parameters
    ----------
    tilted : sequence of Reading
        Places of tilted lines.
    """
    groups: list[list[Reading]] = []
    for reading in sorted(tilted, key=lambda one: -one.box.width - one.box.height):
        for group in groups:
            if _differ(group[0], reading) <= TILTED_LINES_TOLERANCE_DEGREES:
                group.append(reading)
                break
        else:
            groups.append([reading])
    kept = [group for group in groups if _is_text(group)]
    kept.sort(key=lambda group: -sum(one.box.width + one.box.height for one in group))
    return {_measure_angle(group): group for group in kept[:TILTED_LINES_MAX_ANGLES]}


def read_level_boxes(
    picture: Picture, boxes: Sequence[Box], reader: TextReader, cells: Cells | None = None
) -> list[Reading]:
    """Return the text in and around some boxes of a picture, and in some cells.

    Parameters
    ----------
    picture : ndarray of uint8
    boxes : sequence of Box
        Places of level lines; at least one.
    reader : TextReader
    cells : ndarray of bool, optional
        Further cells of the gate that are read.
    """
    height = float(np.median([box.height for box in boxes]))
    scale = float(np.clip(TILTED_LINE_HEIGHT_PIXELS / max(1.0, height), *TILTED_SCALE_LIMITS))
    wanted = [_grow(box) for box in boxes]
    if cells is not None:
        wanted += select_crop_regions(cells, *picture.shape[:2])
    areas = merge_intersecting(area.clip(*picture.shape[:2]) for area in wanted)
    readings = [
        replace(reading, box=reading.box.scale(1 / scale))
        for reading in reader.read(resize(picture, scale), (), [a.scale(scale) for a in areas])
        if reading.tilt is None
    ]
    return merge_readings(readings)


def _is_text(group: Sequence[Reading]) -> bool:
    """Return whether tilted lines of one angle are text: several, or clear and long ones.

    A single short mark can be two level words in rows next to each other.
    """
    if len(group) >= TILTED_LINES_MIN_COUNT:
        return True
    clear = [
        one.tilt.length / one.tilt.height
        for one in group
        if one.tilt is not None and one.confidence >= TILTED_LINE_CERTAIN_MIN_PROBABILITY
    ]
    return max(clear, default=0) >= TILTED_LINE_CERTAIN_MIN_ASPECT_RATIO or (
        len(clear) > 1 and sum(clear) >= TILTED_LINES_CERTAIN_MIN_ASPECT_RATIO
    )


def _differ(one: Reading, other: Reading) -> float:
    """Return the angle between two tilted lines, 0 to 90 degrees."""
    assert one.tilt is not None and other.tilt is not None
    difference = abs(one.tilt.angle - other.tilt.angle) % 180
    return min(difference, 180 - difference)


def _measure_angle(group: Sequence[Reading]) -> int:
    """Return the angle of a group of tilted lines, -90 to 90 degrees; long lines count more."""
    first = group[0].tilt
    assert first is not None
    offsets, weights = [], []
    for reading in group:
        assert reading.tilt is not None
        offsets.append((reading.tilt.angle - first.angle + 90) % 180 - 90)
        weights.append(reading.tilt.length)
    angle = first.angle + float(np.average(offsets, weights=weights))
    return round((angle + 90) % 180 - 90)


def _find_place(reading: Reading, turned: TurnedFrame) -> Box:
    """Return the level box of a tilted line in the turned frame."""
    assert reading.tilt is not None
    x, y, w, h = reading.box
    column, row = turned.map_to(np.array([[x + w / 2, y + h / 2]]))[0]
    length, height = reading.tilt.length, reading.tilt.height
    return Box(round(column - length / 2), round(row - height / 2), round(length), round(height))


def _grow(box: Box) -> Box:
    """Return the box of a line with the places of its neighbors."""
    along = round(TILTED_AREA_ALONG_HEIGHTS * box.height)
    return box.grow(along, round(TILTED_AREA_ACROSS_HEIGHTS * box.height))
