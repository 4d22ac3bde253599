"""Find the places of a picture that can hold text; pictures without one are not read.

Text consists of thin strokes next to each other: along a line, pixels change from background to
ink far more often than across the edge of an organ, and across the line they do so as well. These
changes are counted in a window of a few characters, for bright and for dark ink, so that text
counts that touches anatomy or is interrupted by it. Fine texture has as many strokes. Of what the
first step leaves, the second one (:mod:`safelight.pixels.gate.gate_cnn`) keeps what looks like
writing; in doubt it keeps a place. Burned In Annotation (0028,0301) is never believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.gate_cnn import PLACE, text_log_odds
from safelight.pixels.gate.windowing import brightest_channel
from safelight.pixels.models import Picture
from safelight.pixels.thresholds import (
    GATE_ALL_TEXT_SCALES,
    GATE_CELL_PIXELS,
    GATE_CONNECTED_MIN_LOG_ODDS,
    GATE_NEARBY_CELLS,
    GATE_PICTURE_MIN_LOG_ODDS,
    GATE_PLACE_MIN_LOG_ODDS,
    GATE_SMALL_TEXT_SCALES,
    GATE_STROKE_KERNEL_PIXELS,
    GATE_STROKE_MIN_CONTRAST_LEVELS,
    GATE_STROKE_WINDOW_PIXELS,
    GATE_STROKES_ACROSS_MIN_SHARE,
    GATE_STROKES_ALONG_MIN_SHARE,
    GATE_WORD_MIN_CELLS,
)

#: One value for each square of ``GATE_CELL_PIXELS`` of a picture.
Cells = npt.NDArray[np.bool_]


def can_hold_text(picture: Picture) -> bool:
    """Return whether a picture has to be read."""
    cells = find_text_cells(picture, GATE_ALL_TEXT_SCALES, GATE_PICTURE_MIN_LOG_ODDS)
    return bool(cells.any())


def find_text_cells(
    picture: Picture,
    scales: Sequence[float] = GATE_SMALL_TEXT_SCALES,
    min_log_odds: float = GATE_PLACE_MIN_LOG_ODDS,
) -> Cells:
    """Return the cells of a picture that can hold text.

    Parameters
    ----------
    picture : ndarray
        (rows, columns) gray or (rows, columns, 3) RGB, 8 bits.
    scales : sequence of float
        Factors by which the picture is scaled, one after the other.
    min_log_odds : float
        Log odds of text of a cell, or of one that is connected with it.

    Returns
    -------
    ndarray of bool
        (rows / GATE_CELL_PIXELS, columns / GATE_CELL_PIXELS), rounded up.
    """
    marked = np.zeros(cell_grid_shape(picture), bool)
    for scaled, scale in _scaled_pictures(picture, scales):
        fine = _to_cells(_find_dense_strokes(scaled), marked.shape, scale)
        if fine.any():
            log_odds = _to_cell_maxima(text_log_odds(scaled), marked.shape, scale)
            marked |= _select_connected(fine, log_odds, min_log_odds)
    return marked


def find_fine_cells(picture: Picture, scales: Sequence[float] = GATE_SMALL_TEXT_SCALES) -> Cells:
    """Return the cells of a picture with strokes as dense as text: the first step alone.

    Parameters
    ----------
    picture : ndarray
        (rows, columns) gray or (rows, columns, 3) RGB, 8 bits.
    scales : sequence of float
        Factors by which the picture is scaled, one after the other.
    """
    marked = np.zeros(cell_grid_shape(picture), bool)
    for scaled, scale in _scaled_pictures(picture, scales):
        marked |= _to_cells(_find_dense_strokes(scaled), marked.shape, scale)
    return marked


def cell_grid_shape(picture: Picture) -> tuple[int, ...]:
    """Return the rows and columns of the cells of a picture."""
    return tuple(-(-side // GATE_CELL_PIXELS) for side in picture.shape[:2])


def keep_word_sized_groups(cells: Cells) -> Cells:
    """Return the cells in connected groups that are large enough for a word."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= GATE_WORD_MIN_CELLS
    large[0] = False
    return np.asarray(large[labels], bool)


def _scaled_pictures(picture: Picture, scales: Sequence[float]) -> Iterator[tuple[Picture, float]]:
    """Yield gray pictures at each scale at which they are higher than a line, with the scale."""
    grays = [brightest_channel(picture)]
    if picture.ndim == 3:  # text in a pure color on a bright background
        grays.append(np.ascontiguousarray(picture.min(axis=2)))
    for gray in grays:
        for scale in scales:
            scaled = _reduce(gray, scale) if scale < 1 else gray
            if min(scaled.shape) < min(GATE_STROKE_WINDOW_PIXELS):
                break
            yield scaled, scale


def _reduce(gray: Picture, scale: float) -> Picture:
    size = tuple(max(1, round(side * scale)) for side in gray.shape[::-1])
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def _find_dense_strokes(gray: Picture) -> Cells:
    """Return the pixels around which strokes of one polarity begin as often as in text.

    Text runs along the rows or along the columns of pixels.
    """
    found = np.zeros(gray.shape, bool)
    kernel = np.ones((GATE_STROKE_KERNEL_PIXELS, GATE_STROKE_KERNEL_PIXELS), np.uint8)
    length, height = GATE_STROKE_WINDOW_PIXELS
    shares = (GATE_STROKES_ALONG_MIN_SHARE, GATE_STROKES_ACROSS_MIN_SHARE)
    along, across = (share * length * height for share in shares)
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        contrast = cv2.morphologyEx(gray, operation, kernel)
        ink = (contrast >= GATE_STROKE_MIN_CONTRAST_LEVELS).astype(np.uint8)
        right, down = np.zeros_like(ink), np.zeros_like(ink)
        right[:, 1:] = ink[:, 1:] & ~ink[:, :-1]
        down[1:] = ink[1:] & ~ink[:-1]
        for first, second, window in (
            (right, down, (length, height)),
            (down, right, (height, length)),
        ):
            found |= (_count(first, window) >= along) & (_count(second, window) >= across)
    return found


def _count(begins: npt.NDArray[np.uint8], window: tuple[int, int]) -> npt.NDArray[np.int16]:
    """Return the number of marked pixels in a window (columns, rows) around each pixel."""
    return np.asarray(cv2.boxFilter(begins, cv2.CV_16S, window, normalize=False), np.int16)


def _to_cells(pixels: Cells, shape: tuple[int, ...], scale: float) -> Cells:
    """Return the cells of the whole picture that hold a marked pixel of a scaled picture."""
    side = max(1, round(GATE_CELL_PIXELS * scale))
    rows, columns = shape[0] * side, shape[1] * side
    fitted = pixels[:rows, :columns]
    fitted = np.pad(fitted, ((0, rows - fitted.shape[0]), (0, columns - fitted.shape[1])))
    return np.asarray(fitted.reshape(shape[0], side, shape[1], side).any(axis=(1, 3)), bool)


def _to_cell_maxima(
    ratings: npt.NDArray[np.float32], shape: tuple[int, ...], scale: float
) -> npt.NDArray[np.float32]:
    """Return the highest rating of a scaled picture for each cell of the whole picture."""
    side = max(1, round(GATE_CELL_PIXELS * scale / PLACE))
    highest = cv2.dilate(ratings, np.ones((side, side), np.uint8), anchor=(0, 0))
    rows, columns = (
        np.minimum((np.arange(cells) * GATE_CELL_PIXELS * scale / PLACE).astype(int), places - 1)
        for cells, places in zip(shape, highest.shape)
    )
    return np.asarray(highest[np.ix_(rows, columns)], np.float32)


def _select_connected(fine: Cells, log_odds: npt.NDArray[np.float32], min_log_odds: float) -> Cells:
    """Return the fine cells in or near a connected group with a cell of enough log odds."""
    candidates = (fine & (log_odds > GATE_CONNECTED_MIN_LOG_ODDS)).astype(np.uint8)
    count, labels = cv2.connectedComponents(candidates, connectivity=8)
    is_text = np.bincount(labels[fine & (log_odds > min_log_odds)], minlength=count) > 0
    is_text[0] = False
    around = np.ones((2 * GATE_NEARBY_CELLS + 1, 2 * GATE_NEARBY_CELLS + 1), np.uint8)
    return fine & (cv2.dilate(is_text[labels].astype(np.uint8), around) > 0)
