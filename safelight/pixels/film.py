"""The frames of an object as pictures to read: distinct ones, and what stands in many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from safelight.pixels import render
from safelight.pixels.frames import FrameSource
from safelight.pixels.info import PixelInfo
from safelight.pixels.native import Array
from safelight.pixels.ocr.base import Picture

#: Distinct frames up to which each is read by itself; of more, groups are read at once.
FRAMES_READ = 12


@dataclass(frozen=True)
class Still:
    """A picture to read and the frames that it stands for.

    Attributes
    ----------
    shown : ndarray
    windows : tuple of ndarray
    frames : tuple of int or None
        ``None`` when it joins many frames and what is read may stand in any of them.
    """

    shown: Picture
    windows: tuple[Picture, ...]
    frames: tuple[int, ...] | None


def distinct(source: FrameSource) -> list[tuple[int, ...]]:
    """Frames of equal bytes together, in the order of the first of each."""
    groups: dict[bytes, list[int]] = {}
    for index in range(source.frames):
        groups.setdefault(source.frame_digest(index), []).append(index)
    return [tuple(group) for group in groups.values()]


def still(source: FrameSource, frames: tuple[int, ...]) -> Still:
    """One frame as pictures, for all that are equal to it."""
    info = replace(source.info, photometric=source.photometric)
    return pictures(source.frame(frames[0]), info, frames)


def pictures(values: Array, info: PixelInfo, frames: tuple[int, ...]) -> Still:
    """Stored values as pictures; ``info`` says their own photometric interpretation."""
    return Still(render.picture(values, info), tuple(render.windowed(values, info)), frames)


def stills(source: FrameSource, groups: list[tuple[int, ...]]) -> Iterator[Still]:
    """The pictures to read.

    Up to ``FRAMES_READ`` distinct frames come one by one. A longer film is cut into as many
    stretches, and of each come its first frame, the darkest and the brightest that every
    pixel gets: what stands still is plain in one of these, and what comes and goes is in the
    brightest (or, dark on bright, in the darkest), so no frame goes unseen.
    """
    if len(groups) <= FRAMES_READ:
        for group in groups:
            yield still(source, group)
        return
    info = replace(source.info, photometric=source.photometric)
    for stretch in np.array_split(np.arange(len(groups)), FRAMES_READ):
        low: Picture | None = None
        high: Picture | None = None
        for number, index in enumerate(stretch):
            shown = render.picture(source.frame(groups[index][0]), info)
            if low is None or high is None:
                low, high = shown, shown
            else:
                low, high = np.minimum(low, shown), np.maximum(high, shown)
            if number == 0:
                yield Still(shown, (), None)
        if low is not None and high is not None and len(stretch) > 1:
            yield Still(low, (), None)
            yield Still(high, (), None)
