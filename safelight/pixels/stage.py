"""The pixel stage: scan an object's pixels for text, decide, hide, and prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from safelight.dicom.parser import ParsedObject
from safelight.pixels.devices.catalog import match_device, outside_regions
from safelight.pixels.frames import overlay_planes
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.frames.recognizable_faces import assess_face, make_header_getter
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.text_gate import can_hold_text
from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, Picture, PixelScan, Redaction, TextLine
from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import TextReader
from safelight.pixels.ocr.line_merging import group_blocks
from safelight.pixels.ocr.multi_pass import read_frame
from safelight.pixels.ocr.static_text import merge_static_text
from safelight.pixels.phi.classifier import DEVICE_CLASS_ENGINE, find_phi_masks
from safelight.pixels.redact.icon import ICON_IMAGE_SEQUENCE, make_icon
from safelight.pixels.redact.overlay_text import clean_overlays, find_overlay_masks, read_overlays
from safelight.pixels.redact.painting import Fill, paint_boxes
from safelight.pixels.redact.placeholder import make_placeholder
from safelight.pixels.redact.redactor import RedactedPixelData, redact_frames
from safelight.pixels.redact.residual_check import find_residual_phi, is_sampled
from safelight.pixels.thresholds import FRAMES_READ_SINGLY_MAX_COUNT
from safelight.pseudonyms import Patient
from safelight.records import Reason, Refusal, Span, Status
from safelight.rules.policies import PixelPolicy
from safelight.text.known.known_phi import KnownPHI

#: Times that what the proof finds is hidden as well, before the object is refused.
ROUNDS = 3


class PixelStage:
    """Text in pixels, from finding to proof.

    Parameters
    ----------
    policy : PixelPolicy
    reader : TextReader, optional
        By default the engine that the policy names; its models are loaded at first use, once
        per process.
    """

    def __init__(self, policy: PixelPolicy, reader: TextReader | None = None):
        self.policy = policy
        self._reader = reader

    @property
    def reader(self) -> TextReader:
        """The OCR engine."""
        if self._reader is None:
            self._reader = make_reader(self.policy.engine)
        return self._reader

    def scan(self, parsed: ParsedObject) -> PixelScan:
        """Find the text in all frames.

        Raises
        ------
        Refusal
            NO_DECODER, UNDECODABLE_PIXELS, DEVICE_DENIED, …
        """
        source = FrameSource(parsed)
        if not source.has_pixels:
            return PixelScan()
        device = match_device(source.text)
        info = source.info
        if self.policy.faces != "keep":
            self._refuse_face(source)
        scrub: tuple[Mask, ...] = ()
        if device is not None:
            if device.action == "deny":
                raise Refusal(
                    Reason.DEVICE_DENIED,
                    f"the device catalog denies what rule '{device.rule}' matches; look at the "
                    "images of this device and change the rule",
                )
            boxes = device.boxes
            if device.action == "keep_regions" and info.regions:
                boxes = outside_regions(info.regions, info.rows, info.columns)
            engine = "catalog" if device.exact else DEVICE_CLASS_ENGINE
            scrub = tuple(Mask(None, box, "DEVICE", engine, 1.0) for box in boxes)
        groups = frame_groups.group_equal_frames(source)
        seen: list[tuple[FramePicture, list[TextLine]]] = []
        gated = read = 0
        for still, cells in frame_groups.select_frame_pictures(source, groups):
            lines: list[TextLine] = []
            if still.can_hold_text() if cells is None else cells.any():
                read += 1
                lines = [
                    TextLine(
                        still.frames, r.box, r.text, r.confidence, self.reader.name,
                        r.rotation, r.character_borders, r.variants,
                    )
                    for r in read_frame(still, self.reader, cells=cells)
                ]  # fmt: skip
            else:
                gated += 1
            if lines or still.frames is not None:
                seen.append((still, lines))
        every = merge_static_text(seen, source.frame_count)
        return PixelScan(
            frames=source.frame_count,
            rows=info.rows,
            columns=info.columns,
            lines=every,
            blocks=group_blocks(every),
            distinct=len(groups),
            gated=gated,
            read=read,
            device=device.rule if device is not None else "",
            scrub=scrub,
            present=True,
            overlays=(read_overlays(source, self.reader) if self.policy.overlays == "read" else ()),
        )

    def _refuse_face(self, source: FrameSource) -> None:
        recognizable, why = assess_face(make_header_getter(source))
        if recognizable:
            status = Status.FILTERED if self.policy.faces == "filter" else Status.QUARANTINED
            raise Refusal(Reason.RECOGNIZABLE_FACE, f"a face could be rebuilt: {why}", status)

    def decide(
        self, scan: PixelScan, known: KnownPHI, spans: Mapping[str, Sequence[Span]]
    ) -> tuple[Mask, ...]:
        """The regions to hide, given the header's values and the text model's spans."""
        decision = self.policy.decision
        overlaid = find_overlay_masks(scan, known, spans, decision)
        return (*find_phi_masks(scan, known, spans, decision), *overlaid)

    def redact(
        self,
        parsed: ParsedObject,
        scan: PixelScan,
        masks: Sequence[Mask],
        known: KnownPHI,
        patient: Patient | None = None,
    ) -> Redaction:
        """Hide the regions and prove that nothing identifying is left.

        Parameters
        ----------
        patient : Patient, optional
            Whose pseudonym and date shift placeholders show.

        Raises
        ------
        Refusal
            PIXEL_PHI_REMAINS when the proof still finds something after further masking.
        """
        if not scan.present:
            return Redaction()
        source = FrameSource(parsed)
        overlaid = [mask for mask in masks if mask.overlay]
        hidden = [
            replace(mask, box=mask.box.clip(scan.rows, scan.columns))
            for mask in masks
            if not mask.overlay
        ]
        clear = overlay_planes.find_bits_to_clear(source, can_hold_text)
        for _ in range(ROUNDS):
            encoded = self._encode(source, hidden, patient, clear)
            clean = source.with_elements(encoded.elements, encoded.transfer_syntax)
            found = self._prove(source, clean, hidden, known)
            if not found:
                break
            hidden += found
        else:
            raise Refusal(
                Reason.PIXEL_PHI_REMAINS,
                f"after masking {len(hidden)} regions text that identifies can still be read; "
                "look at the object, or hide all text by rule",
            )
        elements = dict(encoded.elements)
        if self.policy.overlays == "read":
            elements.update(clean_overlays(source, overlaid, known, self.reader))
        else:
            elements.update(overlay_planes.remove_overlays(source))
        if self.policy.icons == "rebuild" and source.values("IconImageSequence"):
            still = self._masked(clean, (0,), hidden)
            syntax = encoded.transfer_syntax or source.transfer_syntax
            elements[ICON_IMAGE_SEQUENCE] = make_icon(still.displayed, syntax)
        return Redaction(
            elements,
            encoded.transfer_syntax,
            (*hidden, *overlaid),
            True,
            assess_face(make_header_getter(source))[0],
            clear,
        )

    def _encode(
        self, source: FrameSource, masks: Sequence[Mask], patient: Patient | None, clear: int
    ) -> RedactedPixelData:
        fills: dict[int, list[Fill]] = {}
        written = self.policy.mask == "placeholder"
        for mask in masks:
            fill = Fill(mask.box, make_placeholder(mask, patient) if written else "")
            for frame in range(source.frame_count) if mask.frames is None else mask.frames:
                fills.setdefault(frame, []).append(fill)
        return redact_frames(source, fills, self.policy.lossy_reencode, clear)

    def _prove(
        self, source: FrameSource, clean: FrameSource, masks: Sequence[Mask], known: KnownPHI
    ) -> list[Mask]:
        """What still identifies in the bytes that go out: in frames with masks, and in a sample."""
        digest = blake2b(source.data, digest_size=16).digest()
        found: list[Mask] = []
        proved: dict[Box, Picture] = {}
        looked = 0
        for group in frame_groups.group_equal_frames(source):
            own = [m for m in masks if m.frames is None or not set(m.frames).isdisjoint(group)]
            whole = is_sampled(digest, group[0], self.policy.proof_sampling)
            if not whole and (not own or looked >= FRAMES_READ_SINGLY_MAX_COUNT):
                continue
            looked += 1
            still = self._masked(clean, group, own)
            for mask in find_residual_phi(still, own, known, self.reader, whole, proved):
                standing = any(m.frames is None for m in own)
                box = mask.box.clip(*still.full_range.shape[:2])
                found.append(replace(mask, box=box, frames=None if standing else mask.frames))
        return list(dict.fromkeys(found))

    def _masked(
        self, clean: FrameSource, frames: tuple[int, ...], masks: Sequence[Mask]
    ) -> FramePicture:
        """A frame as it goes out, as pictures, but for the placeholders that were drawn into it."""
        values = clean.read_frame(frames[0])
        info = replace(clean.info, photometric=clean.photometric)
        if self.policy.mask == "placeholder":
            own = [m for m in masks if m.frames is None or frames[0] in m.frames]
            fills = [Fill(mask.box) for mask in own]
            values = paint_boxes(values, fills, clean.info, clean.photometric)
        return frame_groups.render_frame(values, info, frames)
