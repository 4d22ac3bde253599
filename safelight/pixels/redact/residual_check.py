"""Read masked pictures again: no identifying text and no faint text must be found any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.gate.faint_text import cut_places
from safelight.pixels.gate.frame_groups import FramePicture, find_new_text_cells
from safelight.pixels.geometry import Box, merge_intersecting
from safelight.pixels.models import Mask, Picture, PixelScan, TextLine
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.faint_reading import read_faint_lines
from safelight.pixels.ocr.line_merging import group_blocks
from safelight.pixels.ocr.multi_pass import read_frame, read_region
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.pixels.thresholds import (
    FILLED_MASK_MAX_DEVIATION_LEVELS,
    RESIDUAL_FINDING_MIN_CONFIDENCE,
    RESIDUAL_LARGE_TEXT_MIN_SIDE_PIXELS,
    RESIDUAL_NEIGHBORHOOD_ACROSS_HEIGHTS,
    RESIDUAL_NEIGHBORHOOD_ALONG_HEIGHTS,
    RESIDUAL_NEIGHBORHOOD_MARGIN_PIXELS,
    RESIDUAL_OPEN_MAX_SHARE,
    RESIDUAL_VERTICAL_MASK_MIN_ASPECT_RATIO,
)
from safelight.text.known.known_phi import KnownPHI

#: Engines whose findings refuse an object. Findings by the layout, and words that no vocabulary
#: knows, do not: masks change the layout, and edges of a neighborhood cut words.
_RELIABLE_ENGINES = frozenset({"known", "form", "key", "regex"})
#: Engine of faint text that the network sees after masking.
SUSPECTED_ENGINE = "suspected"


def find_residual_phi(
    picture: FramePicture,
    masks: Sequence[Mask],
    known: KnownPHI,
    reader: TextReader,
    *,
    whole: bool,
    checked: dict[Box, Picture] | None = None,
) -> list[Mask]:
    """Return the identifying text that a masked picture still shows.

    Parameters
    ----------
    picture : FramePicture
        The frame after masking, without placeholders.
    masks : sequence of Mask
        Masks of the frame.
    known : KnownPHI
        Values of the patient.
    reader : TextReader
    whole : bool
        Read the whole picture, not only the neighborhoods of the masks.
    checked : dict, optional
        Neighborhoods that were read in other frames of the object, and what they showed. Those
        without new text are skipped. The neighborhoods that are read now are added.

    Returns
    -------
    list of Mask
    """
    rows, columns = picture.full_range.shape[:2]
    areas = [Box(0, 0, columns, rows)] if whole else mask_neighborhoods(masks, rows, columns)
    found: list[Mask] = []
    for area in areas:
        content = picture.full_range[area.slices]
        before = None if whole or checked is None else checked.get(area)
        if before is not None and not find_new_text_cells(content, before).any():
            continue
        if checked is not None:
            checked[area] = content
        found += _find_in_area(picture, area, known, reader)
    return [mask for mask in found if not _is_hidden(picture.full_range, mask.box, masks)]


def find_suspected_text(
    picture: FramePicture, lines: Sequence[TextLine], reader: TextReader
) -> list[Mask]:
    """Return the faint text of a masked picture that was not read, as the scan finds it.

    Parameters
    ----------
    picture : FramePicture
        The frame after masking, without placeholders.
    lines : sequence of TextLine
        Lines that were read in any frame of the object.
    reader : TextReader

    Returns
    -------
    list of Mask
        With the engine ``SUSPECTED_ENGINE`` and without text.
    """
    readings = [Reading(line.box, line.text, line.confidence) for line in lines if line.text]
    return [
        Mask(picture.frames, reading.box, "TEXT", SUSPECTED_ENGINE, reading.confidence)
        for reading in read_faint_lines(picture, readings, reader)
        if not reading.text
    ]


def mask_neighborhoods(masks: Sequence[Mask], rows: int, columns: int) -> list[Box]:
    """Return boxes around groups of masks that do not overlap.

    Parameters
    ----------
    masks : sequence of Mask
    rows, columns : int
        Size of the frame in pixels.
    """
    return merge_intersecting(_neighborhood(mask.box).clip(rows, columns) for mask in masks)


def is_sampled(digest: bytes, frame: int, share: float) -> bool:
    """Return whether a frame is in the sample, which is the same in every run.

    Parameters
    ----------
    digest : bytes
        Digest of the object.
    frame : int
    share : float
        Share of all frames in the sample, 0 to 1.
    """
    drawn = blake2b(digest + frame.to_bytes(4, "big"), digest_size=4).digest()
    return int.from_bytes(drawn, "big") < share * (1 << 32)


def select_reliable(masks: Sequence[Mask]) -> list[Mask]:
    """Return the findings in a masked picture that prove that PHI is left."""
    return [
        mask
        for mask in masks
        if mask.text
        and mask.engine in _RELIABLE_ENGINES
        and mask.confidence >= RESIDUAL_FINDING_MIN_CONFIDENCE
    ]


def _neighborhood(box: Box) -> Box:
    """Return a mask with the room along and across its line."""
    height = min(box.width, box.height)
    margin = RESIDUAL_NEIGHBORHOOD_MARGIN_PIXELS
    across = round(RESIDUAL_NEIGHBORHOOD_ACROSS_HEIGHTS * height) + margin
    along = round(RESIDUAL_NEIGHBORHOOD_ALONG_HEIGHTS * height) + margin
    if box.height > RESIDUAL_VERTICAL_MASK_MIN_ASPECT_RATIO * box.width:
        return box.grow(across, along)
    return box.grow(along, across)


def _find_in_area(
    picture: FramePicture, area: Box, known: KnownPHI, reader: TextReader
) -> list[Mask]:
    """Return the identifying text in an area of a picture."""
    rows, columns = picture.full_range.shape[:2]
    if (area.width, area.height) == (columns, rows):
        readings = read_frame(picture, reader)
    else:
        readings = _read_area(picture, area, reader)
    lines = tuple(reading.to_line(picture.frames, reader.name) for reading in readings)
    scan = PixelScan(lines=lines, blocks=group_blocks(lines))
    found = select_reliable(find_phi_masks(scan, known, {}, masked=True))
    return [replace(mask, frames=picture.frames) for mask in found]


def _read_area(picture: FramePicture, area: Box, reader: TextReader) -> list[Reading]:
    """Return the text of an area with boxes in the frame, without lines that its edge cuts."""
    rows, columns = picture.full_range.shape[:2]

    def crop(whole: Array) -> Array:
        return np.ascontiguousarray(whole[area.slices])

    part = FramePicture(
        crop(picture.full_range),
        tuple(map(crop, picture.windows)),
        picture.frames,
        local_contrast=tuple(map(crop, picture.local_contrast)),
        values=None if picture.values is None else crop(picture.values),
        known_faint_text=cut_places(picture.faint_text, area) if picture.local_contrast else None,
    )
    has_large_text = min(area.width, area.height) > RESIDUAL_LARGE_TEXT_MIN_SIDE_PIXELS
    return [
        replace(reading, box=reading.box.move(area.left, area.top))
        for reading in read_region(part, reader, (rows, columns), has_large_text)
        if not _is_cut(reading, area, rows, columns)
    ]


def _is_cut(reading: Reading, area: Box, rows: int, columns: int) -> bool:
    """Return whether an edge of an area that is inside the frame cuts a line along its middle."""
    box = reading.box
    if reading.rotation in (90, 270):
        is_cut_left = box.left <= 1 and area.left > 0
        return is_cut_left or (box.right >= area.width - 1 and area.right < columns)
    is_cut_above = box.top <= 1 and area.top > 0
    return is_cut_above or (box.bottom >= area.height - 1 and area.bottom < rows)


def _is_hidden(picture: Picture, box: Box, masks: Sequence[Mask]) -> bool:
    """Return whether a box is inside masks, except for their margins, and these are filled."""
    x, y, w, h = box.clip(*picture.shape[:2])
    is_open = np.ones((max(1, h), max(1, w)), bool)
    for mask in masks:
        is_open[mask.box.move(-x, -y).slices] = False
    if float(is_open.mean()) >= RESIDUAL_OPEN_MAX_SHARE:
        return False
    inside = picture[y : y + h, x : x + w][~is_open[:h, :w]]
    return not inside.size or float(inside.std(axis=0).max()) < FILLED_MASK_MAX_DEVIATION_LEVELS
