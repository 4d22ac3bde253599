"""Group equal frames of an object, render them, and select what is new in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import windowing
from safelight.pixels.gate.faint_text import FaintText, find_faint_cells, rate_faint_text
from safelight.pixels.gate.low_contrast import render_chroma, render_inks, render_local_contrast
from safelight.pixels.gate.text_gate import (
    Cells,
    can_hold_text,
    cell_grid_shape,
    find_fine_cells,
    find_text_cells,
    keep_word_sized_groups,
)
from safelight.pixels.gate.tilted_gate import find_tilted_cells
from safelight.pixels.models import Picture
from safelight.pixels.thresholds import (
    CHANGED_CELL_MIN_PIXELS,
    CHANGED_LINE_MAX_CELLS,
    CHANGED_PIXEL_MIN_LEVELS,
    DRAWN_MAX_DISTANCE_LEVELS,
    FAINT_CORE_MIN_LOG_ODDS,
    FAINT_PLACE_MIN_LOG_ODDS,
    FRAMES_READ_SINGLY_MAX_COUNT,
    GATE_CELL_PIXELS,
    GATE_PICTURE_MIN_LOG_ODDS,
    PLACE_READS_MAX_COUNT,
    PURE_COLOR_MIN_DIFFERENCE_LEVELS,
)


@dataclass(frozen=True)
class FramePicture:
    """A frame rendered as pictures, and the frames that it represents.

    Attributes
    ----------
    full_range : ndarray
        The whole range of stored values.
    windows : tuple of ndarray
        The VOI windows of the object.
    frames : tuple of int or None
        ``None`` for the extremes of many frames: what is read may be in any of them.
    inks : tuple of ndarray
        Color, and the pixels of each level that a device seems to draw in, on black.
    local_contrast : tuple of ndarray
        A picture with the same contrast everywhere, if the values differ at all.
    values : ndarray or None
        Stored values, if they have one sample.
    known_faint_text : ndarray or None
        Value of ``faint_text``, if it was determined before.
    """

    full_range: Picture
    windows: tuple[Picture, ...]
    frames: tuple[int, ...] | None
    inks: tuple[Picture, ...] = ()
    local_contrast: tuple[Picture, ...] = ()
    values: Array | None = None
    known_faint_text: FaintText | None = None

    @property
    def levels(self) -> Array | None:
        """The stored values of one sample, if they are integers."""
        return self.values if self.values is not None and self.values.dtype.kind in "iu" else None

    @cached_property
    def faint_text(self) -> FaintText:
        """The log odds of text in the local contrast of the stored values, or of the colors."""
        if self.known_faint_text is not None:
            return self.known_faint_text
        if self.values is not None:
            return rate_faint_text(self.values)
        return rate_faint_text(windowing.brightest_channel(self.full_range))

    @property
    def visible(self) -> tuple[Picture, ...]:
        """The pictures in which a viewer sees text."""
        return (self.full_range, *self.windows)

    @property
    def displayed(self) -> Picture:
        """The picture that its device meant to show: in the first window, if there is one."""
        return self.windows[0] if self.windows else self.full_range

    @property
    def low_contrast(self) -> tuple[Picture, ...]:
        """The pictures of ink that the visible ones hide; only words count in them."""
        return (*self.inks, *self.local_contrast)

    def can_hold_text(self) -> bool:
        """Return whether the gate sees text in any picture."""
        return (
            any(map(can_hold_text, self.visible))
            or any(
                keep_word_sized_groups(
                    find_text_cells(picture, min_log_odds=GATE_PICTURE_MIN_LOG_ODDS)
                ).any()
                for picture in self.inks
            )
            or bool(self.local_contrast and find_faint_cells(self.faint_text).any())
            or bool(self.tilted_cells.any())
        )

    @cached_property
    def tilted_cells(self) -> Cells:
        """Cells that can hold tilted text; needed only for pictures without level text."""
        return find_tilted_cells(self.full_range)


def group_equal_frames(source: FrameSource) -> list[tuple[int, ...]]:
    """Return groups of frames with equal bytes, in the order of the first frame of each."""
    groups: dict[bytes, list[int]] = {}
    for index in range(source.frame_count):
        groups.setdefault(source.hash_frame(index), []).append(index)
    return [tuple(group) for group in groups.values()]


def make_frame_picture(source: FrameSource, frames: tuple[int, ...]) -> FramePicture:
    """Render the first of some equal frames for all of them.

    Parameters
    ----------
    source : FrameSource
        Frames of the object.
    frames : tuple of int
        Numbers of equal frames, counted from 0; at least one.

    Returns
    -------
    FramePicture
        Pictures of the first frame, with all ``frames`` as the frames that it represents.

    Raises
    ------
    Refusal
        NO_DECODER or UNDECODABLE_PIXELS if the frame cannot be decoded.
    """
    info = replace(source.info, photometric=source.photometric)
    return render_frame(source.read_frame(frames[0]), info, frames)


def render_frame(values: Array, info: PixelInfo, frames: tuple[int, ...]) -> FramePicture:
    """Render stored values.

    Parameters
    ----------
    values : ndarray
        (rows, columns) or (rows, columns, samples).
    info : PixelInfo
        Header of the object, with the photometric interpretation of ``values``.
    frames : tuple of int
        Frames that hold these values.
    """
    full_range = windowing.render_full_range(values, info)
    return FramePicture(
        full_range,
        tuple(windowing.render_windows(values, info)),
        frames,
        (*render_chroma(full_range), *render_inks(values, full_range)),
        render_local_contrast(values, full_range),
        values if values.ndim == 2 else None,
    )


def select_frame_pictures(
    source: FrameSource, groups: list[tuple[int, ...]]
) -> Iterator[tuple[FramePicture, Cells | None]]:
    """Yield the pictures to read, each with the cells in which it shows new text.

    The first frame is read everywhere (cells are ``None``), every other one where the gate sees
    text that was not there when the place was last read: a static banner is read once, a running
    clock in each frame.

    Moving anatomy changes everywhere. So of more than ``FRAMES_READ_SINGLY_MAX_COUNT`` frames,
    text counts as new only if its level or its color is one that devices draw in, and no place
    is read more often than ``PLACE_READS_MAX_COUNT``; what is found there is masked in all
    frames. In addition, the frames are divided into as many stretches. The darkest and the
    brightest value of each pixel in a stretch are read too, so that text that appears for a
    while is seen once more, and the last frame of a stretch is read where it shows new faint text.

    Parameters
    ----------
    source : FrameSource
    groups : list of tuple of int
        Result of :func:`group_equal_frames`.
    """
    if len(groups) > FRAMES_READ_SINGLY_MAX_COUNT:
        yield from _select_of_many(source, groups)
        return
    last_read: FramePicture | None = None
    for group in groups:
        picture = make_frame_picture(source, group)
        if last_read is None:
            last_read = picture
            yield picture, None
            continue
        cells = _find_new_text_in_any(picture, last_read)
        last_read = _update_read_cells(picture, last_read, cells)
        yield picture, cells


def _select_of_many(
    source: FrameSource, groups: list[tuple[int, ...]]
) -> Iterator[tuple[FramePicture, Cells | None]]:
    """Yield the pictures to read of an object with many distinct frames."""
    info = replace(source.info, photometric=source.photometric)
    stretches = np.array_split(np.arange(len(groups)), FRAMES_READ_SINGLY_MAX_COUNT)
    ends = {int(stretch[-1]) for stretch in stretches if stretch.size}
    last_read: FramePicture | None = None
    reads = np.zeros((0, 0), np.int64)
    faint_cells = np.zeros((0, 0), bool)
    extremes: tuple[Picture, Picture] | None = None
    for number, group in enumerate(groups):
        if last_read is None:
            picture = replace(make_frame_picture(source, group), frames=None)
            last_read = picture
            reads = np.zeros(cell_grid_shape(picture.full_range), np.int64)
            faint_cells = find_faint_cells(picture.faint_text, FAINT_PLACE_MIN_LOG_ODDS)
            yield picture, None
        else:
            values = source.read_frame(group[0])
            picture = FramePicture(windowing.render_full_range(values, info), (), None)
            new = find_new_text_cells(picture.full_range, last_read.full_range, drawn=True)
            cells = new & (reads < PLACE_READS_MAX_COUNT)
            reads += cells
            if cells.any():
                last_read = _update_read_cells(picture, last_read, cells)
                yield picture, cells
        full_range = picture.full_range
        low, high = extremes or (full_range, full_range)
        extremes = (np.minimum(low, full_range), np.maximum(high, full_range))
        if number in ends:
            for extreme in extremes:
                yield FramePicture(extreme, (), None), None
            extremes = None
            sample = replace(make_frame_picture(source, group), frames=None)
            unread = find_faint_cells(sample.faint_text, FAINT_CORE_MIN_LOG_ODDS) & ~faint_cells
            faint_cells |= find_faint_cells(sample.faint_text, FAINT_PLACE_MIN_LOG_ODDS)
            if (unread & (reads == 0)).any():
                yield sample, unread


def find_new_text_cells(picture: Picture, last_read: Picture, drawn: bool = False) -> Cells:
    """Return the cells in which a picture shows text that another picture does not show.

    Parameters
    ----------
    picture : ndarray
        The frame, (rows, columns) or (rows, columns, 3).
    last_read : ndarray
        Content of each place when it was last read; same shape.
    drawn : bool
        Count only what a device draws: white, black or a pure color.
    """
    changed = np.abs(picture.astype(np.int16) - last_read) > CHANGED_PIXEL_MIN_LEVELS
    if changed.ndim == 3:
        changed = changed.any(axis=2)
    new = _count_per_cell(changed) >= CHANGED_CELL_MIN_PIXELS
    if drawn and new.any():
        drawn_cells = np.zeros_like(new)
        for ink in _find_drawn_ink(picture):
            changed_ink = _count_per_cell(changed & (ink > 0)) >= CHANGED_CELL_MIN_PIXELS
            drawn_cells |= find_fine_cells(ink) & changed_ink
        new &= drawn_cells
    if not new.any():
        return new
    text = find_text_cells(picture)
    return _extend_along_line(new & text, text)


def _extend_along_line(cells: Cells, text: Cells) -> Cells:
    """Return cells with the text cells left and right of them: a line is read as a whole."""
    for _ in range(CHANGED_LINE_MAX_CELLS):
        neighbors = cells.copy()
        neighbors[:, 1:] |= cells[:, :-1]
        neighbors[:, :-1] |= cells[:, 1:]
        extended = neighbors & text
        if (extended == cells).all():
            break
        cells = extended
    return cells


def _find_drawn_ink(picture: Picture) -> tuple[Picture, Picture]:
    """Return two pictures with drawn pixels in white: white or a pure color; and black."""
    gray = windowing.brightest_channel(picture)
    bright = gray >= 255 - DRAWN_MAX_DISTANCE_LEVELS
    if picture.ndim == 3:
        bright |= np.ptp(picture, axis=2) > PURE_COLOR_MIN_DIFFERENCE_LEVELS
    dark = gray <= DRAWN_MAX_DISTANCE_LEVELS
    return np.asarray(bright * np.uint8(255), np.uint8), np.asarray(dark * np.uint8(255), np.uint8)


def _count_per_cell(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the number of marked pixels in each cell."""
    side = GATE_CELL_PIXELS
    rows, columns = (-(-extent // side) for extent in mask.shape)
    missing = ((0, rows * side - mask.shape[0]), (0, columns * side - mask.shape[1]))
    cells = np.pad(mask, missing).reshape(rows, side, columns, side)
    return np.asarray(cells.sum(axis=(1, 3)), np.int64)


def _find_new_text_in_any(picture: FramePicture, last_read: FramePicture) -> Cells:
    """Return the cells in which any picture of a frame shows text that was not read before."""
    cells = find_new_text_cells(picture.full_range, last_read.full_range)
    for window, before in zip(picture.windows, last_read.windows):
        cells |= find_new_text_cells(window, before)
    is_comparable = len(last_read.low_contrast) == len(picture.low_contrast)
    for number, rendering in enumerate(picture.low_contrast):
        before = last_read.low_contrast[number] if is_comparable else np.zeros_like(rendering)
        cells |= keep_word_sized_groups(find_new_text_cells(rendering, before))
    return cells


def _update_read_cells(
    picture: FramePicture, last_read: FramePicture, cells: Cells
) -> FramePicture:
    """Return what was last read at each place, with a frame in the cells that are read now."""
    side = GATE_CELL_PIXELS
    rows, columns = picture.full_range.shape[:2]
    is_read = np.kron(cells, np.ones((side, side), bool))[:rows, :columns]

    def update(new: Picture, old: Picture) -> Picture:
        return np.where(is_read[:, :, None] if new.ndim == 3 else is_read, new, old)

    low_contrast = picture.low_contrast
    if len(last_read.low_contrast) == len(low_contrast) and len(last_read.inks) == len(
        picture.inks
    ):
        low_contrast = tuple(map(update, low_contrast, last_read.low_contrast))
    return replace(
        picture,
        full_range=update(picture.full_range, last_read.full_range),
        windows=tuple(map(update, picture.windows, last_read.windows)),
        inks=low_contrast[: len(picture.inks)],
        local_contrast=low_contrast[len(picture.inks) :],
    )
