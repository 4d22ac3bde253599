"""Tight crops of single lines, enlarged, which an engine reads a second time."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.thresholds import (
    SECOND_READING_ENLARGEMENT,
    SECOND_READING_MARGIN_PIXELS,
    STROKE_BACKGROUND_LEVEL,
    STROKE_MIN_DIFFERENCE_LEVELS,
)


def read_crop(line: Reading, crop: Picture, reader: TextReader) -> Reading:
    """Return a line with the text of a crop.

    Parameters
    ----------
    line : Reading
        Line whose box, rotation and other renderings are kept.
    crop : ndarray of uint8
        Picture of the line alone, from left to right.
    reader : TextReader
    """
    read = reader.recognize([crop])[0]
    variants = tuple(text for text in dict.fromkeys((line.text, *line.variants)) if text)
    return replace(read, box=line.box, rotation=line.rotation, variants=variants)


def cut_crop(picture: Picture, box: Box, margin: int) -> Picture:
    """Return an enlarged crop of a picture.

    Parameters
    ----------
    picture : ndarray of uint8
    box : Box
        Box of a line.
    margin : int
        Margin across the line, in pixels.
    """
    along = SECOND_READING_MARGIN_PIXELS
    is_vertical = box.height > box.width
    wide = box.grow(margin, along) if is_vertical else box.grow(along, margin)
    crop = np.ascontiguousarray(picture[wide.clip(*picture.shape[:2]).slices])
    scale = SECOND_READING_ENLARGEMENT
    return np.asarray(cv2.resize(crop, None, fx=scale, fy=scale), np.uint8)


def shrink_to_strokes(box: Box, strokes: Picture) -> Box:
    """Return the part of a box that holds strokes; all of it if it holds none.

    Parameters
    ----------
    box : Box
        Box inside the picture.
    strokes : ndarray of uint8
        Stroke picture of a frame.
    """
    difference = np.abs(strokes[box.slices].astype(np.int16) - STROKE_BACKGROUND_LEVEL)
    rows, columns = (
        np.flatnonzero((difference > STROKE_MIN_DIFFERENCE_LEVELS).any(axis=axis))
        for axis in (1, 0)
    )
    if not rows.size:
        return box
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    return Box(box.left + left, box.top + top, width, height)
