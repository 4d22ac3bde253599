"""Text over many frames: what stands still is one line, and where it stands is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture, TextLine

#: Mean difference, in levels of 255, below which a crop is the same text in another frame.
SAME = 12.0


def merge_static_text(
    seen: Sequence[tuple[FramePicture, list[TextLine]]], frames: int
) -> tuple[TextLine, ...]:
    """Lines of all pictures that were read, each with the frames that it stands in.

    A line that is read alike in several pictures is one. A line that another frame shows
    unchanged stands there too, also when it was not read there.
    """
    if len(seen) == 1 and seen[0][0].frames is not None:
        every = len(seen[0][0].frames) == frames
        return tuple(replace(line, frames=None) if every else line for line in seen[0][1])
    kept: list[TextLine] = []
    for _, lines in seen:
        for line in lines:
            for index, other in enumerate(kept):
                if other.text == line.text and _same_place(other.box, line.box):
                    kept[index] = _both(other, line)
                    break
            else:
                kept.append(line)
    return tuple(_spread(line, seen, frames) for line in kept)


def _both(one: TextLine, other: TextLine) -> TextLine:
    best = one if one.confidence >= other.confidence else other
    variants = tuple(dict.fromkeys((*one.variants, *other.variants)))
    if one.frames is None or other.frames is None:
        return replace(best, frames=None, variants=variants)
    together = tuple(sorted({*one.frames, *other.frames}))
    return replace(best, frames=together, variants=variants)


def _spread(
    line: TextLine, seen: Sequence[tuple[FramePicture, list[TextLine]]], frames: int
) -> TextLine:
    """The line with the frames that look the same where it stands."""
    if line.frames is None:
        return line
    own = next((s.full_range for s, _ in seen if s.frames and line.frames[0] in s.frames), None)
    if own is None:
        return line
    stands = set(line.frames)
    crop = _crop(own, line.box)
    for still, _ in seen:
        if still.frames is None or stands.issuperset(still.frames):
            continue
        if float(np.abs(_crop(still.full_range, line.box) - crop).mean()) < SAME:
            stands.update(still.frames)
    return replace(line, frames=None if len(stands) == frames else tuple(sorted(stands)))


def _crop(picture: Picture, box: Box) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    x, y, w, h = box
    return picture[y : y + h, x : x + w].astype(np.float32)


def _same_place(one: Box, other: Box) -> bool:
    return one.horizontal_overlap(other) > 0.7 and one.vertical_overlap(other) > 0.7
