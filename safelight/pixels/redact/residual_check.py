"""Look again after masking: what identifies must not be there any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from safelight.pixels.gate.frame_groups import FramePicture, find_new_text_cells
from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, Picture, PixelScan, TextLine
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.line_merging import group_blocks
from safelight.pixels.ocr.multi_pass import read_frame, read_region
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.text.known.known_phi import KnownPHI

#: Engines whose finding is more than doubt.
CERTAIN = frozenset({"known", "form", "key", "regex"})
#: Below this confidence what the proof reads is noise.
SURE = 0.65
#: Standard deviation of a filled box, in levels of 255, with what lossy coding does to it.
FLAT = 16.0
#: Shorter side of a neighbourhood in which large letters may stand, in pixels.
LARGE = 160
#: How far around a mask is looked, in its heights: along its line and across it.
ALONG, ACROSS = 5.0, 1.5


def find_residual_phi(
    picture: FramePicture,
    masks: Sequence[Mask],
    known: KnownPHI,
    reader: TextReader,
    whole: bool,
    proved: dict[Box, Picture] | None = None,
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
    proved : dict, optional
        Neighbourhoods that were looked at in other frames of the object, with what they showed:
        those in which no text is new are passed over. What is looked at now is added.
    """
    rows, columns = picture.full_range.shape[:2]
    areas = [Box(0, 0, columns, rows)] if whole else mask_neighborhoods(masks, rows, columns)
    found: list[Mask] = []
    for area in areas:
        x, y, w, h = area
        shown = picture.full_range[y : y + h, x : x + w]
        before = None if whole or proved is None else proved.get(area)
        if before is not None and not find_new_text_cells(shown, before).any():
            continue
        if proved is not None:
            proved[area] = shown
        found += _again(picture, area, known, reader)
    return [mask for mask in found if not _hidden(picture.full_range, mask.box, masks)]


def mask_neighborhoods(masks: Sequence[Mask], rows: int, columns: int) -> list[Box]:
    """Boxes around groups of masks, none overlapping another."""
    areas: list[Box] = []
    for mask in masks:
        _, _, w, h = mask.box
        across = round(ACROSS * min(w, h)) + 8
        along = round(ALONG * min(w, h)) + 8
        margins = (across, along) if h > 1.5 * w else (along, across)
        box = mask.box.grow(*margins).clip(rows, columns)
        joined = True
        while joined:
            joined = False
            for other in areas:
                if box.intersects(other):
                    areas.remove(other)
                    box, joined = box.union(other), True
                    break
        areas.append(box)
    return areas


def is_sampled(digest: bytes, frame: int, share: float) -> bool:
    """Whether a frame is in the sample: the same at every run."""
    drawn = blake2b(digest + frame.to_bytes(4, "big"), digest_size=4).digest()
    return int.from_bytes(drawn, "big") < share * (1 << 32)


def _again(picture: FramePicture, area: Box, known: KnownPHI, reader: TextReader) -> list[Mask]:
    x, y, w, h = area
    rows, columns = picture.full_range.shape[:2]

    def cut(whole: Picture) -> Picture:
        return np.ascontiguousarray(whole[y : y + h, x : x + w])

    if (w, h) == (columns, rows):
        readings = read_frame(picture, reader)
    else:
        part = FramePicture(
            cut(picture.full_range), tuple(map(cut, picture.windows)), picture.frames
        )
        readings = [
            replace(r, box=r.box.move(x, y))
            for r in read_region(part, reader, (rows, columns), min(w, h) > LARGE)
            if not _cut(r, area, rows, columns)
        ]
    lines = _lines(picture, readings, reader)
    scan = PixelScan(lines=lines, blocks=group_blocks(lines))
    # Guesses from the layout, and words that no vocabulary knows, are no proof of a person: the
    # masks have changed the layout, and halves of words stand at the area's edges.
    found = [
        mask
        for mask in find_phi_masks(scan, known, {}, masked=True)
        if mask.text and mask.engine in CERTAIN and mask.confidence >= SURE
    ]
    return [replace(mask, frames=picture.frames) for mask in found]


def _lines(
    picture: FramePicture, readings: Sequence[Reading], reader: TextReader
) -> tuple[TextLine, ...]:
    return tuple(
        TextLine(
            picture.frames,
            r.box,
            r.text,
            r.confidence,
            reader.name,
            r.rotation,
            r.character_borders,
            r.variants,
        )
        for r in readings
    )


def _cut(reading: Reading, area: Box, rows: int, columns: int) -> bool:
    """Whether an edge of its area, and none of the frame, cuts a line along its middle."""
    x, y, w, h = reading.box
    left, top, wide, high = area
    if reading.rotation in (90, 270):
        return (x <= 1 and left > 0) or (x + w >= wide - 1 and left + wide < columns)
    return (y <= 1 and top > 0) or (y + h >= high - 1 and top + high < rows)


def _hidden(shown: Picture, box: Box, masks: Sequence[Mask]) -> bool:
    """Whether a box is inside masks, but for their margins, and these are really filled."""
    x, y, w, h = box.clip(*shown.shape[:2])
    open_ = np.ones((max(1, h), max(1, w)), bool)
    for mask in masks:
        open_[mask.box.move(-x, -y).slices] = False
    if float(open_.mean()) >= 0.35:
        return False
    inside = shown[y : y + h, x : x + w][~open_[:h, :w]]
    return not inside.size or float(inside.std(axis=0).max()) < FLAT
