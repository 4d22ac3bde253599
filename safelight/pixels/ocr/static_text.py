"""Text over many frames: a static line is one line, and the frames that show it are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture, TextLine
from safelight.pixels.thresholds import (
    STATIC_TEXT_MAX_DIFFERENCE_LEVELS,
    STATIC_TEXT_MIN_OVERLAP_SHARE,
)


def merge_static_text(
    seen: Sequence[tuple[FramePicture, list[TextLine]]], frames: int
) -> tuple[TextLine, ...]:
    """Return the lines of all pictures that were read, each with the frames that show it.

    Equal lines of several pictures are one. A frame that is unchanged at the place of a line shows
    it too, also if it was not read there.

    Parameters
    ----------
    seen : sequence of (FramePicture, list of TextLine)
        Pictures that were read, with their lines.
    frames : int
        Frames of the object.

    Returns
    -------
    tuple of TextLine
        ``frames`` of a line is None if all frames show it.
    """
    if len(seen) == 1 and seen[0][0].frames is not None:
        is_complete = len(seen[0][0].frames) == frames
        return tuple(replace(line, frames=None) if is_complete else line for line in seen[0][1])
    kept: list[TextLine] = []
    for line in (line for _, lines in seen for line in lines):
        same = next((i for i, other in enumerate(kept) if _is_same_line(other, line)), None)
        if same is None:
            kept.append(line)
        else:
            kept[same] = _merge_lines(kept[same], line)
    return tuple(_extend_to_unchanged_frames(line, seen, frames) for line in kept)


def _is_same_line(one: TextLine, other: TextLine) -> bool:
    """Return whether two lines have equal text at the same place."""
    least = STATIC_TEXT_MIN_OVERLAP_SHARE
    return (
        one.text == other.text
        and one.box.horizontal_overlap(other.box) > least
        and one.box.vertical_overlap(other.box) > least
    )


def _merge_lines(one: TextLine, other: TextLine) -> TextLine:
    """Return the better of two equal lines with the frames and variants of both."""
    best = one if one.confidence >= other.confidence else other
    variants = tuple(dict.fromkeys((*one.variants, *other.variants)))
    if one.frames is None or other.frames is None:
        return replace(best, frames=None, variants=variants)
    frames = tuple(sorted({*one.frames, *other.frames}))
    return replace(best, frames=frames, variants=variants)


def _extend_to_unchanged_frames(
    line: TextLine, seen: Sequence[tuple[FramePicture, list[TextLine]]], frames: int
) -> TextLine:
    """Return a line with all frames that look the same at its place."""
    if line.frames is None:
        return line
    first = line.frames[0]
    own = next((p.full_range for p, _ in seen if p.frames and first in p.frames), None)
    if own is None:
        return line
    showing = set(line.frames)
    crop = _crop(own, line.box)
    for picture, _ in seen:
        if picture.frames is None or showing.issuperset(picture.frames):
            continue
        difference = float(np.abs(_crop(picture.full_range, line.box) - crop).mean())
        if difference < STATIC_TEXT_MAX_DIFFERENCE_LEVELS:
            showing.update(picture.frames)
    return replace(line, frames=None if len(showing) == frames else tuple(sorted(showing)))


def _crop(picture: Picture, box: Box) -> npt.NDArray[np.float32]:
    """Return the part of a picture in a box."""
    x, y, w, h = box
    return picture[y : y + h, x : x + w].astype(np.float32)
