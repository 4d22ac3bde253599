"""Look again after masking: what identifies must not be there any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from safelight.pixels.decide import decide
from safelight.pixels.film import Still
from safelight.pixels.lines import blocks, overlap
from safelight.pixels.look import look
from safelight.pixels.ocr.base import Box, Picture, TextReader
from safelight.pixels.records import Mask, PixelScan, TextLine
from safelight.rules.policies import PixelPolicy
from safelight.text.known import KnownPHI

#: Engines whose finding is more than doubt.
CERTAIN = frozenset({"known", "form", "key", "regex"})
#: Below this confidence what the proof reads is noise.
SURE = 0.65
#: How far around a mask is looked, in its heights.
REACH = 2.0


def remaining(
    picture: Still, masks: Sequence[Mask], known: KnownPHI, reader: TextReader, whole: bool
) -> list[Mask]:
    """What still identifies in a masked picture.

    Parameters
    ----------
    picture : Still
        After masking, without placeholders.
    masks : sequence of Mask
        Those of its frames.
    whole : bool
        Look at all of it, not at the neighbourhoods of the masks only.
    """
    rows, columns = picture.shown.shape[:2]
    areas = [(0, 0, columns, rows)] if whole else neighbourhoods(masks, rows, columns)
    found: list[Mask] = []
    for area in areas:
        found += _again(picture, area, known, reader)
    return [mask for mask in found if not _hidden(mask.box, masks)]


def neighbourhoods(masks: Sequence[Mask], rows: int, columns: int) -> list[Box]:
    """Boxes around groups of masks, none overlapping another."""
    areas: list[Box] = []
    for mask in masks:
        x, y, w, h = mask.box
        reach = round(REACH * min(w, h)) + 8
        box = _clipped((x - reach, y - reach, w + 2 * reach, h + 2 * reach), rows, columns)
        joined = True
        while joined:
            joined = False
            for other in areas:
                if overlap(box, other, 0) > 0 and overlap(box, other, 1) > 0:
                    areas.remove(other)
                    left, top = min(box[0], other[0]), min(box[1], other[1])
                    right = max(box[0] + box[2], other[0] + other[2])
                    bottom = max(box[1] + box[3], other[1] + other[3])
                    box, joined = (left, top, right - left, bottom - top), True
                    break
        areas.append(box)
    return areas


def sampled(digest: bytes, frame: int, share: float) -> bool:
    """Whether a frame is in the sample: the same at every run."""
    drawn = blake2b(digest + frame.to_bytes(4, "big"), digest_size=4).digest()
    return int.from_bytes(drawn, "big") < share * (1 << 32)


def found_in(
    picture: Still, known: KnownPHI, reader: TextReader, policy: PixelPolicy
) -> list[Mask]:
    """What is to be hidden in a picture that stands by itself, such as an overlay."""
    rows, columns = picture.shown.shape[:2]
    scan = _scan(picture, (0, 0, columns, rows), reader)
    return list(decide(scan, known, {}, policy.decision))


def _again(picture: Still, area: Box, known: KnownPHI, reader: TextReader) -> list[Mask]:
    scan = _scan(picture, area, reader)
    # Guesses from the layout, and words that no vocabulary knows, are no proof of a person: the
    # masks have changed the layout, and halves of words stand at the area's edges.
    found = [
        mask
        for mask in decide(scan, known, {}, masked=True)
        if mask.text and mask.engine in CERTAIN and mask.confidence >= SURE
    ]
    return [replace(mask, frames=picture.frames) for mask in found]


def _scan(picture: Still, area: Box, reader: TextReader) -> PixelScan:
    x, y, w, h = area

    def cut(whole: Picture) -> Picture:
        return np.ascontiguousarray(whole[y : y + h, x : x + w])

    parts = [cut(window) for window in picture.windows]
    readings = look(cut(picture.shown), parts, reader, picture.shown.shape)
    rows, columns = picture.shown.shape[:2]
    lines = tuple(
        TextLine(
            picture.frames, (r.box[0] + x, r.box[1] + y, r.box[2], r.box[3]), r.text,
            r.confidence, reader.name, r.turn, r.columns, r.variants,
        )
        for r in readings
        if not _cut(r.box, area, rows, columns)
    )  # fmt: skip
    return PixelScan(lines=lines, blocks=blocks(lines))


def _cut(box: Box, area: Box, rows: int, columns: int) -> bool:
    """Whether a reading touches an edge of its area that is none of the frame: half a word."""
    x, y, w, h = box
    left, top, wide, high = area
    return (
        (x <= 1 and left > 0)
        or (y <= 1 and top > 0)
        or (x + w >= wide - 1 and left + wide < columns)
        or (y + h >= high - 1 and top + high < rows)
    )


def _hidden(box: Box, masks: Sequence[Mask]) -> bool:
    """Whether a box is inside the masks already, but for their margins."""
    x, y, w, h = box
    open_ = np.ones((max(1, h), max(1, w)), bool)
    for mask in masks:
        left, top = max(0, mask.box[0] - x), max(0, mask.box[1] - y)
        right, bottom = mask.box[0] + mask.box[2] - x, mask.box[1] + mask.box[3] - y
        if right > 0 and bottom > 0:
            open_[top:bottom, left:right] = False
    return float(open_.mean()) < 0.35


def _clipped(box: Box, rows: int, columns: int) -> Box:
    x, y, w, h = box
    left, top = max(0, x), max(0, y)
    return (left, top, max(0, min(columns, x + w) - left), max(0, min(rows, y + h) - top))
