"""Passes of OCR over one frame: renderings and scales, each where it can show more text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from safelight.pixels.gate import windowing
from safelight.pixels.gate.crop_regions import select_crop_regions
from safelight.pixels.gate.faint_text import find_faint_cells
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.text_gate import (
    Cells,
    find_text_cells,
    keep_word_sized_groups,
)
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.faint_reading import read_faint_lines
from safelight.pixels.ocr.line_ink import add_line_rests, find_inks, render_ink
from safelight.pixels.ocr.line_merging import merge_readings, replace_lines
from safelight.pixels.ocr.missing_lines import find_missing_lines
from safelight.pixels.ocr.second_reading import read_doubtful_lines
from safelight.pixels.ocr.unread_text import blank_places
from safelight.pixels.thresholds import (
    GATE_CELL_PIXELS,
    LOCAL_CONTRAST_MEAN_LEVEL,
    OCR_FINAL_LINE_MIN_CONFIDENCE,
    OCR_INK_REMOVAL_MARGIN_HEIGHTS,
    OCR_INK_REMOVAL_MIN_CONFIDENCE,
    OCR_LOW_CONTRAST_MAX_AREA_SHARE,
    OCR_LOW_CONTRAST_MIN_CONFIDENCE,
    OCR_NEIGHBORHOOD_ACROSS_HEIGHTS,
    OCR_NEIGHBORHOOD_ALONG_HEIGHTS,
    OCR_NEIGHBORHOOD_MIN_CHARACTERS,
    OCR_NEIGHBORHOOD_MIN_CONFIDENCE,
    OCR_NEIGHBORHOOD_SCALE_RATIO,
    OCR_PICTURE_MAX_ENLARGEMENT,
    OCR_PICTURE_SHORT_SIDE_PIXELS,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    OCR_SCALE_STEP_RATIO,
    OCR_WHOLE_PICTURE_MAX_AREA_PIXELS,
)


def read_frame(
    picture: FramePicture, reader: TextReader, cells: Cells | None = None
) -> list[Reading]:
    """Return all text of a frame, in five passes and single lines.

    1. Small text, detected in the strokes of the full range and of the object's own windows.
    2. Larger text, in the full range at smaller scales.
    3. Text next to these lines, in a smoothed picture that joins the dots of dotted fonts.
    4. Text of low contrast, where nothing was read.
    5. Text in the ink of these lines, where the other pictures hide it.

    Doubtful lines, and faint lines that were not read, are then read one by one.

    Parameters
    ----------
    picture : FramePicture
    reader : TextReader
    cells : ndarray of bool, optional
        Cells of the gate that are read; by default all.

    Returns
    -------
    list of Reading
        Boxes in pixels of the frame. Text that was not read, but that the layout shows, is a
        reading without text. Places of tilted lines have a tilt.
    """
    shown = picture.full_range
    scale = choose_scale(*shown.shape[:2])
    strokes = _render_strokes(picture)
    gate = _find_small_text(picture)
    if not gate.any():
        gate = picture.tilted_cells
    seen = _read_with_tilted(reader, shown, scale, cells=_limit(gate, cells), strokes=strokes)
    seen += _read_larger(reader, shown, scale, known=seen, cells=cells)
    readings = [reading for reading in seen if reading.tilt is None]
    tilted = [reading for reading in seen if reading.tilt is not None]
    near = _limit(_find_neighborhoods(readings, gate.shape), cells)
    if near.any():
        smooth = windowing.smooth_dots(shown, _measure_height(readings))
        near_scale = scale * OCR_NEIGHBORHOOD_SCALE_RATIO
        readings += _read(reader, smooth, near_scale, cells=near, known=readings)
    read = [r.box for r in readings if r.confidence >= OCR_INK_REMOVAL_MIN_CONFIDENCE]
    for ink in picture.inks:
        rest = _blank_boxes(ink, read)
        readings += _read_low_contrast(reader, rest, scale, _limit(find_text_cells(rest), cells))
    readings += _read_local_contrast(reader, picture, scale, readings, cells)
    inks = _render_line_inks(picture, readings)
    for ink in inks:
        unread = _find_unread_cells(picture, [r for r in readings if _is_final(r)], cells)
        readings += _read_low_contrast(reader, ink, scale, unread, known=readings)
    lines = read_doubtful_lines(merge_readings(readings), shown, strokes, reader)
    missing = find_missing_lines(lines, strokes)
    for contrast in picture.local_contrast:
        gray = windowing.brightest_channel(shown)
        lines = add_line_rests(lines, gray, contrast, picture.faint_text, inks)
        faint = read_faint_lines(picture, lines, reader, cells)
        lines = replace_lines(lines, [reading for reading in faint if reading.text])
        missing += [reading for reading in faint if not reading.text]
    return lines + missing + tilted


def read_region(
    picture: FramePicture, reader: TextReader, frame_shape: Sequence[int], has_large_text: bool
) -> list[Reading]:
    """Return the text of a part of a frame, without the passes for inks.

    Parameters
    ----------
    picture : FramePicture
        The part.
    reader : TextReader
    frame_shape : sequence of int
        Rows and columns of the whole frame, which set the scale.
    has_large_text : bool
        Whether larger text is read as well.

    Returns
    -------
    list of Reading
        Boxes in pixels of the part.
    """
    shown = picture.full_range
    scale = choose_scale(frame_shape[0], frame_shape[1])
    strokes = _render_strokes(picture)
    readings = _read(reader, shown, scale, cells=_find_small_text(picture), strokes=strokes)
    if has_large_text:
        larger = _read_larger(reader, shown, scale, known=readings, cells=None)
        readings += [reading for reading in larger if reading.tilt is None]
    readings += _read_local_contrast(reader, picture, scale, readings)
    return merge_readings(readings)


def choose_scale(rows: int, columns: int) -> float:
    """Return the factor by which a frame is enlarged for reading, at least 1.

    Parameters
    ----------
    rows, columns : int
        Size of the frame in pixels; at least 1.
    """
    factor = OCR_PICTURE_SHORT_SIDE_PIXELS / min(rows, columns)
    return min(OCR_PICTURE_MAX_ENLARGEMENT, max(1.0, factor))


def _limit(found: Cells, cells: Cells | None) -> Cells:
    """Return the found cells that are among some cells; None means all cells."""
    return found if cells is None else found & cells


def _render_strokes(picture: FramePicture) -> Picture:
    """Return the strokes of the full range and of all windows in one picture."""
    strokes = windowing.render_strokes(picture.full_range)
    for window in picture.windows:
        strokes = windowing.merge_strokes(strokes, windowing.render_strokes(window))
    return strokes


def _find_small_text(picture: FramePicture) -> Cells:
    """Return the cells in which the gate sees small text in the full range or in a window."""
    seen = find_text_cells(picture.full_range)
    for window in picture.windows:
        seen |= find_text_cells(window)
    return seen


def _measure_height(readings: Sequence[Reading]) -> float:
    """Return the median height of the lines, in pixels."""
    heights = [min(reading.box.width, reading.box.height) for reading in readings]
    return float(np.median(heights))


def _find_neighborhoods(readings: Sequence[Reading], shape: tuple[int, ...]) -> Cells:
    """Return the cells of the lines that were read and of a row or two around them.

    Parameters
    ----------
    readings : sequence of Reading
    shape : tuple of int
        Rows and columns of the cells of the frame.
    """
    cell, near = GATE_CELL_PIXELS, np.zeros(shape, bool)
    for reading in readings:
        if reading.confidence < OCR_NEIGHBORHOOD_MIN_CONFIDENCE:
            continue
        if sum(map(str.isalnum, reading.text)) < OCR_NEIGHBORHOOD_MIN_CHARACTERS:
            continue
        box = reading.box
        height = min(box.width, box.height)
        along = OCR_NEIGHBORHOOD_ALONG_HEIGHTS * height
        across = OCR_NEIGHBORHOOD_ACROSS_HEIGHTS * height
        horizontal, vertical = (across, along) if box.height > box.width else (along, across)
        top, bottom = box.top - vertical, box.bottom + vertical
        left, right = box.left - horizontal, box.right + horizontal
        rows = slice(max(0, int(top) // cell), max(0, -int(-bottom // cell)))
        columns = slice(max(0, int(left) // cell), max(0, -int(-right // cell)))
        near[rows, columns] = True
    return near


def _read_larger(
    reader: TextReader,
    shown: Picture,
    scale: float,
    *,
    known: Sequence[Reading],
    cells: Cells | None,
) -> list[Reading]:
    """Read a picture at smaller and smaller scales; at the last one it is read completely.

    Parameters
    ----------
    reader : TextReader
    shown : ndarray of uint8
    scale : float
        Scale of the first pass.
    known : sequence of Reading
        Readings of the passes before.
    cells : ndarray of bool, optional
        Cells of the gate that are read; by default all.
    """
    readings: list[Reading] = []
    scale *= OCR_SCALE_STEP_RATIO
    while True:
        reduction = min(1.0, scale)
        level = windowing.resize(shown, reduction)
        area = level.shape[0] * level.shape[1] * (scale / reduction) ** 2
        is_last = area <= OCR_WHOLE_PICTURE_MAX_AREA_PIXELS
        where = cells
        if not is_last:
            where = _limit(_map_to_frame(find_text_cells(level), reduction, shown), cells)
        readings += _read_with_tilted(reader, shown, scale, cells=where, known=(*known, *readings))
        if is_last:
            return readings
        scale *= OCR_SCALE_STEP_RATIO


def _is_final(reading: Reading) -> bool:
    """Return whether a line is read so well that it is not read again."""
    return reading.tilt is None and reading.confidence >= OCR_FINAL_LINE_MIN_CONFIDENCE


def _render_line_inks(picture: FramePicture, readings: Sequence[Reading]) -> list[Picture]:
    """Return a picture for each ink of the lines that were read, white on black."""
    levels = picture.levels
    if levels is None:
        levels = windowing.brightest_channel(picture.full_range)
    return [
        render_ink(levels, ink)
        for contrast in picture.local_contrast
        for ink in find_inks(readings, levels, contrast)
    ]


def _read_local_contrast(
    reader: TextReader,
    picture: FramePicture,
    scale: float,
    known: Sequence[Reading],
    cells: Cells | None = None,
) -> list[Reading]:
    """Read a frame in local contrast, where no reliable line is known."""
    reliable = [r for r in known if r.confidence >= OCR_RELIABLE_LINE_MIN_CONFIDENCE]
    readings: list[Reading] = []
    for contrast in picture.local_contrast:
        where = _find_unread_cells(picture, reliable, cells)
        if where.any():
            boxes = [reading.box for reading in reliable]
            rest = _blank_boxes(contrast, boxes, LOCAL_CONTRAST_MEAN_LEVEL)
            readings += _read(reader, rest, scale, cells=where)
    return [r for r in readings if r.confidence >= OCR_LOW_CONTRAST_MIN_CONFIDENCE]


def _find_unread_cells(
    picture: FramePicture, known: Sequence[Reading], cells: Cells | None
) -> Cells:
    """Return the cells that look like text in local contrast, without those of some readings."""
    faint = blank_places(picture.faint_text, [reading.box for reading in known])
    return _limit(find_faint_cells(faint), cells)


def _read_low_contrast(
    reader: TextReader,
    picture: Picture,
    scale: float,
    cells: Cells,
    known: Sequence[Reading] = (),
) -> list[Reading]:
    """Read a picture of low-contrast ink in some cells, unless it is texture."""
    where = keep_word_sized_groups(cells)
    if not 0 < _measure_area(where, picture) <= OCR_LOW_CONTRAST_MAX_AREA_SHARE:
        return []
    readings = _read(reader, picture, scale, cells=where, known=known)
    return [r for r in readings if r.confidence >= OCR_LOW_CONTRAST_MIN_CONFIDENCE]


def _measure_area(cells: Cells, picture: Picture) -> float:
    """Return the share of a picture that is read if some cells are."""
    rows, columns = picture.shape[:2]
    covered = sum(area.width * area.height for area in select_crop_regions(cells, rows, columns))
    return float(covered / (rows * columns))


def _blank_boxes(picture: Picture, boxes: Sequence[Box], level: int = 0) -> Picture:
    """Return a picture in which some boxes and their edges have one gray level."""
    rest = np.array(picture, np.uint8)
    for box in boxes:
        margin = round(OCR_INK_REMOVAL_MARGIN_HEIGHTS * min(box.width, box.height))
        rest[box.grow(margin, margin).slices] = level
    return rest


def _map_to_frame(cells: Cells, scale: float, shown: Picture) -> Cells:
    """Return the cells of a smaller picture as cells of the whole one."""
    rows, columns = (-(-side // GATE_CELL_PIXELS) for side in shown.shape[:2])
    down = np.minimum((np.arange(rows) * scale).astype(int), cells.shape[0] - 1)
    right = np.minimum((np.arange(columns) * scale).astype(int), cells.shape[1] - 1)
    return np.asarray(cells[np.ix_(down, right)], bool)


def _read(
    reader: TextReader,
    picture: Picture,
    scale: float,
    *,
    cells: Cells | None,
    known: Sequence[Reading] = (),
    strokes: Picture | None = None,
) -> list[Reading]:
    """Read a picture at one scale, without places of tilted lines; see `_read_with_tilted`."""
    readings = _read_with_tilted(reader, picture, scale, cells=cells, known=known, strokes=strokes)
    return [reading for reading in readings if reading.tilt is None]


def _read_with_tilted(
    reader: TextReader,
    picture: Picture,
    scale: float,
    *,
    cells: Cells | None,
    known: Sequence[Reading] = (),
    strokes: Picture | None = None,
) -> list[Reading]:
    """Read a picture at one scale.

    Parameters
    ----------
    reader : TextReader
    picture : ndarray of uint8
    scale : float
        Factor by which the picture is resized before it is read.
    cells : ndarray of bool, optional
        Cells of the gate that are read; by default all.
    known : sequence of Reading
        Readings of the passes before; the reliable ones are not read again.
    strokes : ndarray of uint8, optional
        Stroke picture of the same size.

    Returns
    -------
    list of Reading
        Boxes in pixels of the picture before resizing.
    """
    rows, columns = picture.shape[:2]
    areas = None
    if cells is not None:
        areas = [area.scale(scale) for area in select_crop_regions(cells, rows, columns)]
    final = [r.box.scale(scale) for r in known if _is_final(r)]
    resized = windowing.resize(picture, scale)
    resized_strokes = None if strokes is None else windowing.resize(strokes, scale)
    return [
        replace(
            reading,
            box=_fit_into(reading.box.scale(1 / scale), picture),
            tilt=reading.tilt and reading.tilt.scale(1 / scale),
        )
        for reading in reader.read(resized, final, areas, resized_strokes)
    ]


def _fit_into(box: Box, picture: Picture) -> Box:
    """Return a box that ends at the edges of a picture."""
    x, y, w, h = box
    return Box(x, y, min(w, picture.shape[1] - x), min(h, picture.shape[0] - y))
