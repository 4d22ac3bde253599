"""Text in overlay planes: found, decided on, blanked, and looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from safelight.pixels.frames import overlay_planes
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.frames.overlay_planes import Bitmap, Overlay
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, PixelScan, TextLine
from safelight.pixels.ocr.base import TextReader
from safelight.pixels.ocr.line_merging import group_blocks
from safelight.pixels.ocr.multi_pass import read_frame
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.pixels.redact.residual_check import CERTAIN, SURE
from safelight.records import Reason, Refusal, Span
from safelight.rules.policies import PixelDecision
from safelight.text.known.known_phi import KnownPHI

Elements = dict[int, tuple[str, bytes] | None]


def read_overlays(source: FrameSource, reader: TextReader) -> tuple[tuple[int, PixelScan], ...]:
    """The text of each plane that has data of its own, by group.

    Planes embedded in the pixel data are not read: they are retired, and always removed.
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
    """The regions of overlay planes to blank, in all planes of the group."""
    return tuple(
        replace(mask, frames=None, overlay=group)
        for group, plane in scan.overlays
        for mask in find_phi_masks(plane, known, spans, decision)
    )


def clean_overlays(
    source: FrameSource, masks: Sequence[Mask], known: KnownPHI, reader: TextReader
) -> Elements:
    """The overlay elements that go out.

    Raises
    ------
    Refusal
        PIXEL_PHI_REMAINS when the blanked planes still show something that identifies.
    """
    found: dict[int, list[Box]] = {}
    for mask in masks:
        if mask.overlay:
            found.setdefault(mask.overlay, []).append(mask.box)
    elements = overlay_planes.keep_overlays(source, found)
    for overlay in overlay_planes.find_overlays(source):
        if overlay.bit is None and overlay.group in found:
            _prove(source, overlay, found[overlay.group], known, reader)
    return elements


def _prove(
    source: FrameSource, overlay: Overlay, boxes: Sequence[Box], known: KnownPHI, reader: TextReader
) -> None:
    for index in range(overlay.frames):
        left = overlay_planes.read_plane(source, overlay, index).copy()
        for box in boxes:
            left[box.slices] = 0
        again = find_phi_masks(_read(left, reader), known, {}, masked=True)
        if any(m.text and m.engine in CERTAIN and m.confidence >= SURE for m in again):
            raise Refusal(
                Reason.PIXEL_PHI_REMAINS,
                f"overlay ({overlay.group:04X},3000) still shows text that identifies after "
                f"blanking {len(boxes)} regions; let the rules remove overlays",
            )


def _read(drawn: Bitmap, reader: TextReader) -> PixelScan:
    if not drawn.any():
        return PixelScan()
    lines = tuple(
        TextLine(
            None,
            r.box,
            r.text,
            r.confidence,
            reader.name,
            r.rotation,
            r.character_borders,
            r.variants,
        )
        for r in read_frame(FramePicture(drawn, (), (0,)), reader)
    )
    return PixelScan(lines=lines, blocks=group_blocks(lines))
