"""Read one frame: renderings and scales, each where it alone can show something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from safelight.pixels.gate import windowing
from safelight.pixels.gate.crop_regions import select_crop_regions
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.text_gate import Cells, find_text_cells, keep_word_sized_groups
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.line_merging import merge_readings
from safelight.pixels.ocr.missing_lines import find_missing_lines
from safelight.pixels.thresholds import GATE_CELL_PIXELS as CELL

#: Short side that a picture is brought to for reading: a 5-pixel font of a 256 x 256 MR
#: becomes one of 13 pixels, which the networks read.
READING_SIDE = 640
#: Pixels of a picture that is read everywhere, and not only where the gate sees text.
WHOLE_AREA = 1_200_000
#: Each further scale of a picture, for larger letters; the last one is read everywhere.
STEP = 0.5
#: A line read with this confidence needs no second rendering, and one with less is not looked
#: for once more as the ink that it is drawn in.
SURE, READ = 0.92, 0.75
#: Around a line read with this confidence the plain picture is read as well: by so many of its
#: heights along it and across it.
SEEN, BESIDE = 0.5, (2.0, 1.5)
#: The scale of that, between those of the others: what one misses another may see.
BETWEEN = 0.75
#: Share of a picture of hidden ink that may be worth reading, and what is read there at least so
#: surely is text: ink on nothing is read well or is none.
MOST, SEEN_ALONE = 0.5, 0.5
#: Most that a picture is enlarged; none is shrunk before it was read as it is.
LARGEST_FACTOR = 3.0


def read_frame(
    still: FramePicture,
    reader: TextReader,
    shape: Sequence[int] | None = None,
    cells: Cells | None = None,
) -> list[Reading]:
    """All text of a frame.

    Small text is looked for among the strokes of the plain picture and of the object's own
    windows, larger text in the plain picture at smaller scales, both once more, smoothed, around
    what was read, and what these hide where nothing was read.

    Parameters
    ----------
    still : Still
    reader : TextReader
    shape : sequence of int, optional
        Rows and columns of the whole frame, when the picture is a part of it.
    cells : ndarray of bool, optional
        Where to look, in cells of the gate; by default everywhere.
    """
    shown = still.full_range
    whole = shape or shown.shape
    factor = choose_scale(whole[0], whole[1])
    thin = _strokes(still)
    plain = _gate(still)
    where = plain if cells is None else plain & cells
    readings = _read(shown, thin, factor, reader, (), where)
    readings += _larger(shown, factor, reader, readings, cells)
    near = _beside(readings, plain.shape)
    near = near if cells is None else near & cells
    if near.any():
        smooth = windowing.smooth_dots(shown, _height(readings))
        readings += _read(smooth, None, factor * BETWEEN, reader, readings, near)
    read = [reading.box for reading in readings if reading.confidence >= READ]
    for ink in still.inks:
        left = _blanked(ink, read)
        readings += _read_hidden(left, find_text_cells(left), factor, reader, cells)
    for strokes in still.faint_strokes:
        new = find_text_cells(strokes) & ~plain
        readings += _read_hidden(strokes, new, factor, reader, cells)
    lines = merge_readings(readings)
    return lines + find_missing_lines(lines, thin)


def read_region(
    still: FramePicture, reader: TextReader, shape: Sequence[int], large: bool
) -> list[Reading]:
    """The plain text of a part of a frame, the large one only when asked for."""
    factor = choose_scale(shape[0], shape[1])
    thin = _strokes(still)
    readings = _read(still.full_range, thin, factor, reader, (), _gate(still))
    if large:
        readings += _larger(still.full_range, factor, reader, readings, None)
    return merge_readings(readings)


def _strokes(still: FramePicture) -> Picture:
    thin = windowing.render_strokes(still.full_range)
    for window in still.windows:
        thin = windowing.merge_strokes(thin, windowing.render_strokes(window))
    return thin


def _gate(still: FramePicture) -> Cells:
    """The cells in which the gate sees small text in any picture that shows plainly."""
    seen = find_text_cells(still.full_range)
    for window in still.windows:
        seen |= find_text_cells(window)
    return seen


def _height(readings: Sequence[Reading]) -> float:
    """Usual height of the lines, in pixels."""
    return float(np.median([min(reading.box[2:]) for reading in readings]))


def _beside(readings: Sequence[Reading], shape: tuple[int, ...]) -> Cells:
    """The cells of text that was read and of a row or two around it, where more may stand."""
    near = np.zeros(shape, bool)
    for reading in readings:
        if reading.confidence < SEEN or sum(map(str.isalnum, reading.text)) < 3:
            continue
        x, y, w, h = reading.box
        high = min(w, h)
        top, bottom = y - BESIDE[1] * high, y + h + BESIDE[1] * high
        left, right = x - BESIDE[0] * high, x + w + BESIDE[0] * high
        if h > w:
            top, bottom = y - BESIDE[0] * high, y + h + BESIDE[0] * high
            left, right = x - BESIDE[1] * high, x + w + BESIDE[1] * high
        rows = slice(max(0, int(top) // CELL), max(0, -int(-bottom // CELL)))
        near[rows, max(0, int(left) // CELL) : max(0, -int(-right // CELL))] = True
    return near


def _larger(
    shown: Picture,
    factor: float,
    reader: TextReader,
    before: Sequence[Reading],
    cells: Cells | None,
) -> list[Reading]:
    """Read a picture at smaller and smaller scales, the last one whole."""
    readings: list[Reading] = []
    scale = factor * STEP
    while True:
        small = min(1.0, scale)
        level = windowing.resize(shown, small)
        last = level.shape[0] * level.shape[1] * (scale / small) ** 2 <= WHOLE_AREA
        where = cells
        if not last:
            where = _of_whole(find_text_cells(level), small, shown)
            where = where if cells is None else where & cells
        readings += _read(shown, None, scale, reader, (*before, *readings), where)
        if last:
            return readings
        scale *= STEP


def _read_hidden(
    picture: Picture, found: Cells, factor: float, reader: TextReader, cells: Cells | None
) -> list[Reading]:
    """Read where the gate sees text in a picture of what the others hide."""
    where = keep_word_sized_groups(found if cells is None else found & cells)
    rows, columns = picture.shape[:2]
    covered = sum(area.width * area.height for area in select_crop_regions(where, rows, columns))
    if not 0 < covered <= MOST * rows * columns:
        return []  # what looks like text nearly everywhere is texture
    readings = _read(picture, None, factor, reader, (), where)
    return [r for r in readings if r.confidence >= SEEN_ALONE]


def _blanked(picture: Picture, boxes: Sequence[Box]) -> Picture:
    """The picture without what stands in some boxes and at their edges."""
    left = np.array(picture, np.uint8)
    for x, y, w, h in boxes:
        spare = round(0.3 * min(w, h))
        left[max(0, y - spare) : y + h + spare, max(0, x - spare) : x + w + spare] = 0
    return left


def choose_scale(rows: int, columns: int) -> float:
    """How much a frame is enlarged for reading: never below its own size."""
    return min(LARGEST_FACTOR, max(1.0, READING_SIDE / min(rows, columns)))


def _of_whole(cells: Cells, scale: float, shown: Picture) -> Cells:
    """Cells of a smaller picture as cells of the whole one."""
    rows, columns = (-(-side // CELL) for side in shown.shape[:2])
    down = np.minimum((np.arange(rows) * scale).astype(int), cells.shape[0] - 1)
    right = np.minimum((np.arange(columns) * scale).astype(int), cells.shape[1] - 1)
    return np.asarray(cells[np.ix_(down, right)], bool)


def _read(
    picture: Picture,
    thin: Picture | None,
    factor: float,
    reader: TextReader,
    before: Sequence[Reading],
    cells: Cells | None,
) -> list[Reading]:
    """Read a picture scaled by a factor, but what was read well before; boxes in its pixels."""
    rows, columns = picture.shape[:2]
    parts = None
    if cells is not None:
        parts = [area.scale(factor) for area in select_crop_regions(cells, rows, columns)]
    known = [reading.box.scale(factor) for reading in before if reading.confidence >= SURE]
    large = windowing.resize(picture, factor)
    strokes = None if thin is None else windowing.resize(thin, factor)
    return [
        Reading(
            _inside(reading.box.scale(1 / factor), picture),
            reading.text,
            reading.confidence,
            reading.rotation,
            reading.character_borders,
            reading.variants,
        )
        for reading in reader.read(large, known, parts, strokes)
    ]


def _inside(box: Box, picture: Picture) -> Box:
    x, y, w, h = box
    return Box(x, y, min(w, picture.shape[1] - x), min(h, picture.shape[0] - y))
