"""Find PHI in overlay planes, blank it, and check the blanked planes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from safelight.pixels.frames import overlay_planes
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.frames.overlay_planes import Overlay
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import ElementEdits, Mask, Picture, PixelScan
from safelight.pixels.ocr.base import TextReader
from safelight.pixels.ocr.line_merging import group_blocks
from safelight.pixels.ocr.multi_pass import read_frame
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.pixels.redact.residual_check import select_reliable
from safelight.records import Reason, Refusal, Span
from safelight.rules.policies import PixelDecision
from safelight.text.known.known_phi import KnownPHI


def read_overlays(source: FrameSource, reader: TextReader) -> tuple[tuple[int, PixelScan], ...]:
    """Return the text of each plane that has its own data, with its group.

    Planes embedded in the pixel data are not read: they are retired, and always removed.

    Parameters
    ----------
    source : FrameSource
        Frames and data set of the object.
    reader : TextReader
        OCR engine.

    Returns
    -------
    tuple of (int, PixelScan)
        Overlay group (0x6000 to 0x60FE) and text of each plane; a group occurs once for each of its
        planes. Boxes are in pixels of the overlay.

    Raises
    ------
    Refusal
        TRUNCATED if the overlay data is too short for its planes.
    """
    return tuple(
        (overlay.group, _read(overlay_planes.read_plane(source, overlay, index), reader))
        for overlay in overlay_planes.find_overlays(source)
        if overlay.bit is None
        for index in range(overlay.frames)
    )


def find_overlay_masks(
    scan: PixelScan,
    known: KnownPHI,
    spans: Mapping[str, Sequence[Span]],
    decision: PixelDecision,
) -> tuple[Mask, ...]:
    """Return the regions of overlay planes to blank, in all planes of their group.

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
        replace(mask, frames=None, overlay=group)
        for group, plane in scan.overlays
        for mask in find_phi_masks(plane, known, spans, decision)
    )


def clean_overlays(
    source: FrameSource, masks: Sequence[Mask], known: KnownPHI, reader: TextReader
) -> ElementEdits:
    """Return the overlay elements of the new object.

    Parameters
    ----------
    source : FrameSource
    masks : sequence of Mask
        Regions to blank; those of the frames themselves are ignored.
    known : KnownPHI
        Values of the patient.
    reader : TextReader

    Raises
    ------
    Refusal
        PIXEL_PHI_REMAINS if the blanked planes still show identifying text.
    """
    boxes: dict[int, list[Box]] = {}
    for mask in masks:
        if mask.overlay:
            boxes.setdefault(mask.overlay, []).append(mask.box)
    elements = overlay_planes.keep_overlays(source, boxes)
    for overlay in overlay_planes.find_overlays(source):
        if overlay.bit is None and overlay.group in boxes:
            _check_blanked(source, overlay, boxes[overlay.group], known, reader)
    return elements


def _check_blanked(
    source: FrameSource, overlay: Overlay, boxes: Sequence[Box], known: KnownPHI, reader: TextReader
) -> None:
    """Raise Refusal if a blanked plane still shows identifying text."""
    for index in range(overlay.frames):
        blanked = overlay_planes.read_plane(source, overlay, index).copy()
        for box in boxes:
            blanked[box.slices] = 0
        if select_reliable(find_phi_masks(_read(blanked, reader), known, {}, masked=True)):
            raise Refusal(
                Reason.PIXEL_PHI_REMAINS,
                f"overlay ({overlay.group:04X},3000) still shows identifying text after "
                f"{len(boxes)} regions were blanked; change the rules to remove overlays",
            )


def _read(plane: Picture, reader: TextReader) -> PixelScan:
    """Return the text of one plane."""
    if not plane.any():
        return PixelScan()
    readings = read_frame(FramePicture(plane, (), (0,)), reader)
    lines = tuple(reading.to_line(None, reader.name) for reading in readings)
    return PixelScan(lines=lines, blocks=group_blocks(lines))
