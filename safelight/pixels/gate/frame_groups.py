"""The frames of an object as pictures to read: distinct ones, and what stands in many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import windowing
from safelight.pixels.gate.low_contrast import render_chroma, render_faint_strokes, render_inks
from safelight.pixels.gate.text_gate import (
    CELL,
    LIKELY,
    Cells,
    can_hold_text,
    cell_grid_shape,
    find_fine_cells,
    find_text_cells,
    keep_word_sized_groups,
)
from safelight.pixels.models import Picture

#: Distinct frames up to which each is read by itself; of more, stretches are read at once.
FRAMES_READ = 12
#: Times that one place of a long film is read because it changes: a running clock, a colour flow.
TIMES = 6
#: A pixel has changed when it differs by more levels of 255 than noise and compression make.
CHANGE = 40
#: Pixels of a cell that have to change for new text.
CHANGED = 5
#: Cells that a line may go on for on either side of what changed in it.
LINE = 40
#: A colour is pure when its channels differ by this much.
COLOURED = 120


@dataclass(frozen=True)
class FramePicture:
    """A picture to read and the frames that it stands for.

    Attributes
    ----------
    shown : ndarray
    windows : tuple of ndarray
    frames : tuple of int or None
        ``None`` when it joins many frames and what is read may stand in any of them.
    inks : tuple of ndarray
        Colour, and the pixels of each level that a device seems to draw in, on black.
    faint : tuple of ndarray
        Strokes of next to no contrast, if there could be any.
    """

    full_range: Picture
    windows: tuple[Picture, ...]
    frames: tuple[int, ...] | None
    inks: tuple[Picture, ...] = ()
    faint: tuple[Picture, ...] = ()

    @property
    def plain(self) -> tuple[Picture, ...]:
        """The pictures that show plainly what is there."""
        return (self.full_range, *self.windows)

    @property
    def meant(self) -> Picture:
        """The picture as its device meant it to be shown: in its first window, if it has one."""
        return self.windows[0] if self.windows else self.full_range

    @property
    def hidden(self) -> tuple[Picture, ...]:
        """The pictures of what these hide, in which a word is what counts."""
        return (*self.inks, *self.faint)

    def may_hold_text(self) -> bool:
        """The gate's answer to all pictures."""
        return any(map(can_hold_text, self.plain)) or any(
            keep_word_sized_groups(find_text_cells(picture, least=LIKELY)).any()
            for picture in self.hidden
        )


def group_equal_frames(source: FrameSource) -> list[tuple[int, ...]]:
    """Frames of equal bytes together, in the order of the first of each."""
    groups: dict[bytes, list[int]] = {}
    for index in range(source.frame_count):
        groups.setdefault(source.hash_frame(index), []).append(index)
    return [tuple(group) for group in groups.values()]


def make_frame_picture(source: FrameSource, frames: tuple[int, ...]) -> FramePicture:
    """One frame as pictures, for all that are equal to it."""
    info = replace(source.info, photometric=source.photometric)
    return render_frame(source.read_frame(frames[0]), info, frames)


def render_frame(values: Array, info: PixelInfo, frames: tuple[int, ...]) -> FramePicture:
    """Stored values as pictures; ``info`` says their own photometric interpretation."""
    shown = windowing.render_full_range(values, info)
    windows = tuple(windowing.render_windows(values, info))
    return FramePicture(
        shown,
        windows,
        frames,
        (*render_chroma(shown), *render_inks(values, shown)),
        render_faint_strokes(values),
    )


def select_frame_pictures(
    source: FrameSource, groups: list[tuple[int, ...]]
) -> Iterator[tuple[FramePicture, Cells | None]]:
    """The pictures to read, each with the cells in which it shows text that is new.

    The first frame is looked at everywhere (``None``), every other one where the gate sees
    text that was not there when the place was looked at last: a banner that stands still is
    read once, a time that runs in each frame.

    Moving anatomy changes everywhere. So of more than ``FRAMES_READ`` frames only what is
    drawn, by its level or its colour, is new in this sense, and no place is read more often
    than ``TIMES``: what is found there is hidden in all frames. And the film is cut into as many
    stretches, of which come the darkest and the brightest that every pixel gets, in which
    all that comes and goes is seen once more.
    """
    long = len(groups) > FRAMES_READ
    info = replace(source.info, photometric=source.photometric)
    looked: FramePicture | None = None
    times = np.zeros((0, 0), np.int64)
    stretches = np.array_split(np.arange(len(groups)), FRAMES_READ) if long else []
    ends = {int(stretch[-1]) for stretch in stretches if stretch.size}
    low: Picture | None = None
    high: Picture | None = None
    for number, group in enumerate(groups):
        if not long or looked is None:
            picture = make_frame_picture(source, group)
            picture = replace(picture, frames=None) if long else picture
        else:
            picture = FramePicture(
                windowing.render_full_range(source.read_frame(group[0]), info), (), None
            )
        shown = picture.full_range
        if looked is None:
            looked = picture
            times = np.zeros(cell_grid_shape(shown), np.int64)
            yield picture, None
        else:
            if long:
                cells = find_new_text_cells(shown, looked.full_range, drawn=True) & (times < TIMES)
                times += cells
            else:
                cells = _new_in_any(picture, looked)
            if cells.any() or not long:
                looked = _noted(picture, looked, cells)
                yield picture, cells
        if long:
            low = shown if low is None else np.minimum(low, shown)
            high = shown if high is None else np.maximum(high, shown)
            if number in ends:
                yield FramePicture(low, (), None), None
                yield FramePicture(high, (), None), None
                low = high = None


def find_new_text_cells(shown: Picture, looked: Picture, drawn: bool = False) -> Cells:
    """The cells in which a frame shows text that another picture does not show.

    Parameters
    ----------
    shown : ndarray
        The frame.
    looked : ndarray
        What stood at each place when it was looked at last.
    drawn : bool
        Only what is drawn: white, black or in a pure colour.
    """
    changed = np.abs(shown.astype(np.int16) - looked) > CHANGE
    if changed.ndim == 3:
        changed = changed.any(axis=2)
    hit = _per_cell(changed) >= CHANGED
    if drawn and hit.any():
        inked = np.zeros_like(hit)
        for ink in _drawn(shown):
            inked |= find_fine_cells(ink) & (_per_cell(changed & (ink > 0)) >= CHANGED)
        hit &= inked
    if not hit.any():
        return hit
    text = find_text_cells(shown)
    hit &= text
    # A line is read whole: along the cells of text on either side of what changed in it.
    for _ in range(LINE):
        beside = hit.copy()
        beside[:, 1:] |= hit[:, :-1]
        beside[:, :-1] |= hit[:, 1:]
        grown = beside & text
        if (grown == hit).all():
            break
        hit = grown
    return hit


def _drawn(shown: Picture) -> tuple[Picture, ...]:
    """Pictures that are white where a pixel is: white or of a pure colour; and black."""
    light = windowing.brightest_channel(shown)
    bright = light >= 255 - windowing.LEVEL
    if shown.ndim == 3:
        bright |= np.ptp(shown, axis=2) > COLOURED
    masks = (bright, light <= windowing.LEVEL)
    return tuple(np.asarray(mask * np.uint8(255), np.uint8) for mask in masks)


def _per_cell(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    rows, columns = (-(-side // CELL) for side in mask.shape)
    fitted = np.pad(mask, ((0, rows * CELL - mask.shape[0]), (0, columns * CELL - mask.shape[1])))
    return np.asarray(fitted.reshape(rows, CELL, columns, CELL).sum(axis=(1, 3)), np.int64)


def _new_in_any(still: FramePicture, looked: FramePicture) -> Cells:
    """The cells in which any picture of a frame shows text that was not looked at before."""
    cells = find_new_text_cells(still.full_range, looked.full_range)
    for window, before in zip(still.windows, looked.windows):
        cells |= find_new_text_cells(window, before)
    for number, picture in enumerate(still.hidden):
        known = looked.hidden[number] if len(looked.hidden) == len(still.hidden) else None
        before = np.zeros_like(picture) if known is None else known
        cells |= keep_word_sized_groups(find_new_text_cells(picture, before))
    return cells


def _noted(still: FramePicture, looked: FramePicture, cells: Cells) -> FramePicture:
    """What was looked at last, with what now stands in some cells."""
    shown = still.full_range
    whole = np.kron(cells, np.ones((CELL, CELL), bool))[: shown.shape[0], : shown.shape[1]]

    def put(new: Picture, old: Picture) -> Picture:
        return np.where(whole[:, :, None] if new.ndim == 3 else whole, new, old)

    if len(looked.hidden) == len(still.hidden) and len(looked.inks) == len(still.inks):
        hidden = tuple(map(put, still.hidden, looked.hidden))
    else:
        hidden = still.hidden
    return replace(
        still,
        full_range=put(shown, looked.full_range),
        windows=tuple(map(put, still.windows, looked.windows)),
        inks=hidden[: len(still.inks)],
        faint=hidden[len(still.inks) :],
    )
