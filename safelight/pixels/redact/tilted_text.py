"""Find PHI in tilted text, map its masks to the frame, and check the masked frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.turned_frame import TurnedFrame
from safelight.pixels.models import Mask, PixelScan, TextLine
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.line_merging import group_blocks, overlaps_line
from safelight.pixels.ocr.tilted_lines import read_level_boxes, read_tilted_lines
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.pixels.redact.residual_check import select_reliable
from safelight.pixels.thresholds import (
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    TILTED_LEVEL_MAX_COVERED_SHARE,
)
from safelight.records import Span
from safelight.rules.policies import PixelDecision
from safelight.text.known.known_phi import KnownPHI


def read_tilted_text(
    seen: Iterable[tuple[FramePicture, Sequence[Reading]]], reader: TextReader
) -> tuple[tuple[int, PixelScan], ...]:
    """Return the tilted text of all frames, with the angle of each group of lines.

    A line counts as visible in all frames.

    Parameters
    ----------
    seen : iterable of (FramePicture, sequence of Reading)
        Pictures with the places of their tilted lines.
    reader : TextReader

    Returns
    -------
    tuple of (int, PixelScan)
        Whole degrees clockwise and the text, with boxes in the turned frame.
    """
    lines: dict[int, list[TextLine]] = {}
    for picture, places in seen:
        for angle, readings in read_tilted_lines(picture.full_range, places, reader).items():
            kept = lines.setdefault(angle, [])
            kept += [
                line
                for line in (reading.to_line(None, reader.name) for reading in readings)
                if not any(_is_same(line, other) for other in kept)
            ]
    return tuple((angle, _make_scan(found)) for angle, found in lines.items())


def drop_level_readings(
    lines: Sequence[TextLine], tilted: Sequence[tuple[int, PixelScan]], rows: int, columns: int
) -> tuple[TextLine, ...]:
    """Return the lines of a frame without the level readings of text that is tilted.

    Parameters
    ----------
    lines : sequence of TextLine
        Lines that were read in the level frame.
    tilted : sequence of (int, PixelScan)
        Result of :func:`read_tilted_text`.
    rows, columns : int
        Size of the frame in pixels.
    """
    covered = np.zeros((rows, columns), bool)
    for angle, scan in tilted:
        turned = TurnedFrame(angle, covered.shape)
        for line in scan.lines:
            if line.text and line.confidence >= OCR_RELIABLE_LINE_MIN_CONFIDENCE:
                for box in turned.cover(line.box):
                    covered[box.slices] = True
    if not covered.any():
        return tuple(lines)
    return tuple(
        line for line in lines if covered[line.box.slices].mean() < TILTED_LEVEL_MAX_COVERED_SHARE
    )


def find_tilted_masks(
    scan: PixelScan,
    known: KnownPHI,
    spans: Mapping[str, Sequence[Span]],
    decision: PixelDecision,
) -> tuple[Mask, ...]:
    """Return the masks of tilted text, as boxes in the frame.

    Parameters
    ----------
    scan : PixelScan
    known : KnownPHI
        Values of the patient.
    spans : mapping
        PHI spans of each text in ``scan.texts``.
    decision : PixelDecision
        Mask only PHI, or all text.
    """
    return tuple(
        one
        for angle, tilted in scan.tilted
        for mask in find_phi_masks(tilted, known, spans, decision)
        for one in _cover(
            mask, TurnedFrame(angle, (scan.rows, scan.columns)), scan.rows, scan.columns
        )
    )


def find_residual_tilted(
    picture: FramePicture, scan: PixelScan, known: KnownPHI, reader: TextReader
) -> list[Mask]:
    """Return the identifying tilted text that a masked picture still shows.

    Parameters
    ----------
    picture : FramePicture
        The frame after masking, without placeholders.
    scan : PixelScan
        Text of the object before masking.
    known : KnownPHI
        Values of the patient.
    reader : TextReader
    """
    found: list[Mask] = []
    for angle, tilted in scan.tilted:
        turned = TurnedFrame(angle, picture.full_range.shape)
        boxes = [line.box for line in tilted.lines]
        readings = read_level_boxes(turned.turn(picture.full_range), boxes, reader)
        left = _make_scan([reading.to_line(None, reader.name) for reading in readings])
        masks = select_reliable(find_phi_masks(left, known, {}, masked=True))
        found += [one for mask in masks for one in _cover(mask, turned, scan.rows, scan.columns)]
    return found


def _is_same(one: TextLine, other: TextLine) -> bool:
    """Return whether two lines have equal text in the same place."""
    return one.text == other.text and overlaps_line(one.box, other.box)


def _make_scan(lines: Sequence[TextLine]) -> PixelScan:
    """Return the scan of some lines."""
    return PixelScan(lines=tuple(lines), blocks=group_blocks(lines))


def _cover(mask: Mask, turned: TurnedFrame, rows: int, columns: int) -> list[Mask]:
    """Return masks in the frame that cover a mask of the turned frame, as far as it is inside."""
    boxes = (box.clip(rows, columns) for box in turned.cover(mask.box))
    return [replace(mask, box=box) for box in boxes if box.width and box.height]
