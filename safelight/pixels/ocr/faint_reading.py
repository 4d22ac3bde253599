"""Read faint lines one by one, without the detector, and decide which of them are masked unread.

The recognizer reads a line of any contrast if it is cut out exactly and its levels are stretched.
What it cannot read at all is an edge or texture. A line of harmless words stays. Every other line
is masked as a whole, since a few of its letters are often misread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.text_gate import Cells
from safelight.pixels.gate.windowing import brightest_channel
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.harmless_text import is_harmless
from safelight.pixels.ocr.line_merging import overlaps_line
from safelight.pixels.ocr.unread_text import (
    FaintLine,
    find_lines_of_little_contrast,
    find_open_lines,
    group_faint_lines,
    grow_in_block,
)
from safelight.pixels.thresholds import (
    FAINT_CERTAIN_LINE_MIN_LOG_ODDS,
    FAINT_CROP_MARGIN_PIXELS,
    FAINT_CROP_RANGE_PERCENTILES,
    FAINT_CROP_SMOOTHING_PIXELS,
    FAINT_TEXT_MIN_CHARACTERS,
    FAINT_TEXT_MIN_CONFIDENCE,
    GATE_CELL_PIXELS,
    HARMLESS_LINE_MIN_CONFIDENCE,
)


def read_faint_lines(
    picture: FramePicture,
    readings: Sequence[Reading],
    reader: TextReader,
    cells: Cells | None = None,
) -> list[Reading]:
    """Return readings for the faint lines that other readings do not cover.

    Parameters
    ----------
    picture : FramePicture
    readings : sequence of Reading
        Merged readings of the frame.
    reader : TextReader
    cells : ndarray of bool, optional
        Cells of the gate in which lines are read; by default all.

    Returns
    -------
    list of Reading
        Boxes in pixels of the frame. A line of harmless words has its text, every other line has
        none, and the probability of text as confidence. Lines that were read are among them if they
        are next to one that is not harmless, and are not harmless either.
    """
    if not picture.local_contrast:
        return []
    contrast, faint = picture.local_contrast[0], picture.faint_text
    shown = brightest_channel(picture.full_range)
    lines = find_lines_of_little_contrast(faint, shown, contrast)
    if cells is not None:
        side = GATE_CELL_PIXELS
        wide = np.kron(cells, np.ones((side, side), bool))
        lines = [line for line in lines if wide[line.box.slices].any()]
    unread = find_open_lines(lines, faint, readings)
    found = {line: _read_line(picture, line, reader) for line in unread}
    lines = [line for line in lines if line not in found or _is_text(line, found[line])]
    left = {line: reading for line, reading in found.items() if not is_harmless(reading)}
    open_blocks = [block for block in group_faint_lines(lines) if not left.keys().isdisjoint(block)]
    masked = [
        Reading(grow_in_block(line.box, block), "", line.probability, line.rotation)
        for block in open_blocks
        for line in block
        if line in left or line not in found and not _is_harmless_text(line, readings)
    ]
    return [*(found[line] for line in lines if line in found and line not in left), *masked]


def _is_harmless_text(line: FaintLine, readings: Sequence[Reading]) -> bool:
    """Return whether all readings of a line are harmless."""
    return all(is_harmless(one) for one in readings if overlaps_line(one.box, line.core))


def _is_text(line: FaintLine, reading: Reading) -> bool:
    """Return whether a line is text: some of it can be read, or the network is certain."""
    characters = sum(map(str.isalnum, reading.text))
    is_read = characters >= FAINT_TEXT_MIN_CHARACTERS
    return (
        is_read
        and reading.confidence >= FAINT_TEXT_MIN_CONFIDENCE
        or line.log_odds >= FAINT_CERTAIN_LINE_MIN_LOG_ODDS
    )


def _read_line(picture: FramePicture, line: FaintLine, reader: TextReader) -> Reading:
    """Return the most reliable reading of a line in several renderings of its levels."""
    margin = FAINT_CROP_MARGIN_PIXELS
    box = line.core.grow(margin, margin).clip(*picture.full_range.shape[:2])
    best = Reading(box, "", 0.0, line.rotation)
    for crop in _render_line(picture, box):
        for rotation in (90, 270) if line.rotation else (0,):
            turned = np.ascontiguousarray(np.rot90(crop, rotation // 90))
            reading = reader.recognize([turned])[0]
            if sum(map(str.isalnum, reading.text)) < FAINT_TEXT_MIN_CHARACTERS:
                continue
            if reading.confidence > best.confidence:
                best = replace(reading, box=box, rotation=rotation)
        if best.confidence >= HARMLESS_LINE_MIN_CONFIDENCE:
            break
    return best


def _render_line(picture: FramePicture, box: Box) -> Iterator[Picture]:
    """Yield renderings of a line: its levels, the same without noise, and local contrast."""
    values = picture.values
    levels = brightest_channel(picture.full_range) if values is None else values
    crop = np.nan_to_num(levels[box.slices].astype(np.float32), posinf=0, neginf=0)
    yield _stretch(crop)
    yield _stretch(cv2.GaussianBlur(crop, (0, 0), FAINT_CROP_SMOOTHING_PIXELS))
    yield picture.local_contrast[0][box.slices]


def _stretch(crop: npt.NDArray[Any]) -> Picture:
    """Return levels from 0 to 255 for most of the values of a crop."""
    low, high = np.percentile(crop, FAINT_CROP_RANGE_PERCENTILES)
    levels = (crop - low) * (255 / max(float(high - low), 1e-6))
    return np.asarray(np.rint(np.clip(levels, 0, 255)), np.uint8)
