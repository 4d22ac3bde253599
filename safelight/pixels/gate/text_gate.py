"""Two cheap looks at a picture: where could there be text? Only those places go to OCR.

Text is thin strokes side by side: along its direction pixels go from paper to ink far more
often than across the edge of an organ, and across it they do so as well. How often is counted
in a window of a few characters, for bright and for dark ink, so that text that touches anatomy,
or is broken by it, counts too. Fine texture does the same: of what the first look leaves, the
second (:mod:`safelight.pixels.gate.gate_cnn`) takes what looks like writing, and in doubt it does.
(0028,0301) is never believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.gate_cnn import PLACE, text_log_odds
from safelight.pixels.gate.windowing import brightest_channel
from safelight.pixels.models import Picture

#: Side of the squares that a picture is judged by, in pixels.
CELL = 16
#: Contrast of a stroke against what is around it, in levels of 255.
CONTRAST = 20
#: Window that strokes are counted in: some characters long and one high, at each scale.
LONG, HIGH = 24, 8
#: Beginnings of strokes in a window of text, as a share of its pixels: along the text, and
#: across it, where letters have fewer.
ALONG, ACROSS = 0.1, 0.0625
#: Sizes at which is looked by default: characters of 5 to 14 pixels, and of twice as many.
SMALL = (1.0, 0.5)
#: All sizes: up to characters of 112 pixels.
SCALES = (*SMALL, 0.25, 0.125)
#: Cells of a word, at least.
WORD = 3
#: Kernel of the top hats: wider than the pen at each scale.
PEN = 5
#: Log odds of writing from which a picture is read, from which a place of one that is read is,
#: and from which what hangs together with such a place is; and fine cells so near to it.
LIKELY, DOUBTFUL, BESIDE = 0.0, -1.0, -3.0
NEAR = 2

Cells = npt.NDArray[np.bool_]


def can_hold_text(shown: Picture) -> bool:
    """Whether a picture has to be read."""
    return bool(find_text_cells(shown, SCALES, LIKELY).any())


def find_text_cells(
    shown: Picture, scales: Sequence[float] = SMALL, least: float = DOUBTFUL
) -> Cells:
    """The squares of a picture in which text may stand.

    Parameters
    ----------
    shown : ndarray
        (rows, columns) grey or (rows, columns, 3) RGB, 8 bits.
    scales : sequence of float
        Sizes that the picture is looked at in, as factors.
    least : float
        Log odds of writing that a place has, or one that it hangs together with.

    Returns
    -------
    ndarray of bool
        One value for each square of ``CELL`` pixels; those at the far edges may be cut.
    """
    marked = np.zeros(cell_grid_shape(shown), bool)
    for small, scale in _sizes(shown, scales):
        fine = _marked(_dense(small), marked.shape, scale)
        if fine.any():
            marked |= _hanging(fine, _per_cell(text_log_odds(small), marked.shape, scale), least)
    return marked


def find_fine_cells(shown: Picture, scales: Sequence[float] = SMALL) -> Cells:
    """The squares of a picture that are as fine as text: the first look alone."""
    marked = np.zeros(cell_grid_shape(shown), bool)
    for small, scale in _sizes(shown, scales):
        marked |= _marked(_dense(small), marked.shape, scale)
    return marked


def cell_grid_shape(shown: Picture) -> tuple[int, ...]:
    """Rows and columns of squares that a picture is judged by."""
    return tuple(-(-side // CELL) for side in shown.shape[:2])


def _sizes(shown: Picture, scales: Sequence[float]) -> Iterator[tuple[Picture, float]]:
    pictures = [brightest_channel(shown)]
    if shown.ndim == 3:  # what is written in a pure colour on a bright ground
        pictures.append(np.ascontiguousarray(shown.min(axis=2)))
    for plain in pictures:
        for scale in scales:
            small = _shrunk(plain, scale) if scale < 1 else plain
            if min(small.shape) < HIGH:
                break
            yield small, scale


def _hanging(fine: Cells, chart: npt.NDArray[np.float32], least: float) -> Cells:
    """The fine cells that hang together with one that looks enough like writing, or are near."""
    near = (fine & (chart > BESIDE)).astype(np.uint8)
    count, labels = cv2.connectedComponents(near, connectivity=8)
    held = np.bincount(labels[fine & (chart > least)], minlength=count) > 0
    held[0] = False
    around = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    return fine & (cv2.dilate(held[labels].astype(np.uint8), around) > 0)


def _per_cell(
    chart: npt.NDArray[np.float32], shape: tuple[int, ...], scale: float
) -> npt.NDArray[np.float32]:
    """For each cell of the whole picture the highest value of a chart of a scaled one."""
    side = max(1, round(CELL * scale / PLACE))
    highest = cv2.dilate(chart, np.ones((side, side), np.uint8), anchor=(0, 0))
    rows, columns = (
        np.minimum((np.arange(cells) * CELL * scale / PLACE).astype(int), places - 1)
        for cells, places in zip(shape, highest.shape)
    )
    return np.asarray(highest[np.ix_(rows, columns)], np.float32)


def keep_word_sized_groups(cells: Cells) -> Cells:
    """The cells that touch enough others: a word is longer than one or two."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= WORD
    large[0] = False
    return np.asarray(large[labels], bool)


def _shrunk(plain: Picture, scale: float) -> Picture:
    size = tuple(max(1, round(side * scale)) for side in plain.shape[::-1])
    return np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.uint8)


def _dense(plain: Picture) -> Cells:
    """Where strokes of one polarity begin as often as in text, along rows or along columns."""
    found = np.zeros(plain.shape, bool)
    kernel = np.ones((PEN, PEN), np.uint8)
    along, across = (share * LONG * HIGH for share in (ALONG, ACROSS))
    for operation in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        ink = (cv2.morphologyEx(plain, operation, kernel) >= CONTRAST).astype(np.uint8)
        right, down = np.zeros_like(ink), np.zeros_like(ink)
        right[:, 1:] = ink[:, 1:] & ~ink[:, :-1]
        down[1:] = ink[1:] & ~ink[:-1]
        for first, second, window in ((right, down, (LONG, HIGH)), (down, right, (HIGH, LONG))):
            found |= (_count(first, window) >= along) & (_count(second, window) >= across)
    return found


def _count(begins: npt.NDArray[np.uint8], window: tuple[int, int]) -> npt.NDArray[np.int16]:
    return np.asarray(cv2.boxFilter(begins, cv2.CV_16S, window, normalize=False), np.int16)


def _marked(dense: Cells, shape: tuple[int, ...], scale: float) -> Cells:
    """The cells of the whole picture that hold a dense pixel of a scaled one."""
    side = max(1, round(CELL * scale))
    rows, columns = shape[0] * side, shape[1] * side
    fitted = dense[:rows, :columns]
    fitted = np.pad(fitted, ((0, rows - fitted.shape[0]), (0, columns - fitted.shape[1])))
    return np.asarray(fitted.reshape(shape[0], side, shape[1], side).any(axis=(1, 3)), bool)
