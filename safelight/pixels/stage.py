"""The pixel stage: find text in the pixels of an object, mask PHI, and check the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from safelight.dicom.parser import ParsedObject
from safelight.pixels.devices.catalog import DeviceDecision, match_device
from safelight.pixels.devices.region_entries import find_entry_boxes, select_region_entries
from safelight.pixels.frames import overlay_planes
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.frames.recognizable_faces import assess_face, make_header_getter
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.text_gate import can_hold_text
from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, Picture, PixelScan, Redaction, TextLine
from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.line_merging import group_blocks
from safelight.pixels.ocr.multi_pass import read_frame
from safelight.pixels.ocr.self_test import check_reader
from safelight.pixels.ocr.static_text import merge_static_text
from safelight.pixels.phi.classifier import DEVICE_CLASS_ENGINE, find_phi_masks
from safelight.pixels.redact.icon import ICON_IMAGE_SEQUENCE, make_icon
from safelight.pixels.redact.overlay_text import clean_overlays, find_overlay_masks, read_overlays
from safelight.pixels.redact.painting import Fill, paint_boxes
from safelight.pixels.redact.placeholder import make_placeholder
from safelight.pixels.redact.redactor import RedactedPixelData, redact_frames
from safelight.pixels.redact.residual_check import (
    SUSPECTED_ENGINE,
    find_residual_phi,
    find_suspected_text,
    is_sampled,
)
from safelight.pixels.redact.tilted_text import (
    drop_level_readings,
    find_residual_tilted,
    find_tilted_masks,
    read_tilted_text,
)
from safelight.pixels.thresholds import FRAMES_READ_SINGLY_MAX_COUNT, RESIDUAL_CHECK_MAX_ROUNDS
from safelight.pseudonyms import Patient
from safelight.records import Reason, Refusal, Span, Status
from safelight.rules.conditions import AttributeGetter
from safelight.rules.policies import PixelPolicy
from safelight.text.known.known_phi import KnownPHI


class PixelStage:
    """Find and mask PHI in pixels.

    Parameters
    ----------
    policy : PixelPolicy
    reader : TextReader, optional
        By default the engine that the policy names. Its models are loaded at first use, once
        per process.
    """

    def __init__(self, policy: PixelPolicy, reader: TextReader | None = None):
        self.policy = policy
        self._reader = reader

    @property
    def reader(self) -> TextReader:
        """The OCR engine."""
        if self._reader is None:
            self._reader = check_reader(make_reader(self.policy.engine))
        return self._reader

    def scan(self, parsed: ParsedObject, get: AttributeGetter | None = None) -> PixelScan:
        """Find the text in all frames.

        Parameters
        ----------
        parsed : ParsedObject
        get : callable, optional
            Returns the text of an element for the conditions of ``regions``. By default, they can
            only compare attributes of the top level by keyword.

        Returns
        -------
        PixelScan
            Empty if the object has no pixel data.

        Raises
        ------
        Refusal
            NO_DECODER, UNDECODABLE_PIXELS, DEVICE_DENIED, RECOGNIZABLE_FACE, …
        """
        source = FrameSource(parsed)
        if not source.has_pixels:
            return PixelScan()
        device = match_device(source.get_text)
        if self.policy.faces != "keep":
            self._refuse_face(source)
        device_masks = _make_device_masks(device, self.policy) if device is not None else ()
        device_masks += self._make_region_masks(source, get or source.get_text)
        groups = frame_groups.group_equal_frames(source)
        found: list[tuple[FramePicture, list[TextLine]]] = []
        tilted: list[tuple[FramePicture, list[Reading]]] = []
        gated = read = 0
        for picture, cells in frame_groups.select_frame_pictures(source, groups):
            lines: list[TextLine] = []
            if picture.can_hold_text() if cells is None else cells.any():
                read += 1
                readings = read_frame(picture, self.reader, cells=cells)
                places = [reading for reading in readings if reading.tilt is not None]
                tilted += [(picture, places)] if places else []
                lines = [
                    reading.to_line(picture.frames, self.reader.name)
                    for reading in readings
                    if reading.tilt is None
                ]
            else:
                gated += 1
            if lines or picture.frames is not None:
                found.append((picture, lines))
        in_tilted = read_tilted_text(tilted, self.reader)
        every = merge_static_text(found, source.frame_count)
        every = drop_level_readings(every, in_tilted, source.info.rows, source.info.columns)
        return PixelScan(
            frames=source.frame_count,
            rows=source.info.rows,
            columns=source.info.columns,
            lines=every,
            blocks=group_blocks(every),
            distinct_frames=len(groups),
            gated_pictures=gated,
            read_pictures=read,
            device_rule=device.rule if device is not None else "",
            device_masks=device_masks,
            has_pixels=True,
            overlays=read_overlays(source, self.reader) if self.policy.overlays == "read" else (),
            tilted=in_tilted,
        )

    def _make_region_masks(self, source: FrameSource, get: AttributeGetter) -> tuple[Mask, ...]:
        """Return the regions that the rules mask."""
        entries = select_region_entries(self.policy.regions, get)
        boxes = find_entry_boxes(entries, source.info)
        return tuple(Mask(None, box, "DEVICE", "rules", 1.0) for box in boxes)

    def _refuse_face(self, source: FrameSource) -> None:
        """Raise Refusal if a face could be reconstructed from the pixels."""
        recognizable, evidence = assess_face(make_header_getter(source))
        if recognizable:
            status = Status.FILTERED if self.policy.faces == "filter" else Status.QUARANTINED
            sentence = f"a face could be reconstructed: {evidence}"
            raise Refusal(Reason.RECOGNIZABLE_FACE, sentence, status)

    def decide(
        self, scan: PixelScan, known: KnownPHI, spans: Mapping[str, Sequence[Span]]
    ) -> tuple[Mask, ...]:
        """Return the regions to mask.

        Parameters
        ----------
        scan : PixelScan
            Result of :meth:`scan`.
        known : KnownPHI
            Values of the patient that the header states.
        spans : mapping
            PHI spans of the texts of the scan, as far as a text model annotated them.
        """
        decision = self.policy.decision
        in_overlays = find_overlay_masks(scan, known, spans, decision)
        in_tilted = find_tilted_masks(scan, known, spans, decision)
        return (*find_phi_masks(scan, known, spans, decision), *in_tilted, *in_overlays)

    def redact(
        self,
        parsed: ParsedObject,
        scan: PixelScan,
        masks: Sequence[Mask],
        known: KnownPHI,
        patient: Patient | None = None,
    ) -> Redaction:
        """Mask regions and check that no identifying text is left.

        Parameters
        ----------
        parsed : ParsedObject
            The object that was scanned.
        scan : PixelScan
            Result of :meth:`scan`.
        masks : sequence of Mask
            Result of :meth:`decide`.
        known : KnownPHI
            Values of the patient that the header states.
        patient : Patient, optional
            The patient whose pseudonym and date shift the placeholders show.

        Raises
        ------
        Refusal
            PIXEL_PHI_REMAINS if identifying text is found after further masking,
            PIXEL_TEXT_SUSPECTED if it is only faint text that cannot be read.
        """
        if not scan.has_pixels:
            return Redaction()
        source = FrameSource(parsed)
        in_overlays = [mask for mask in masks if mask.overlay]
        in_frames = [
            replace(mask, box=mask.box.clip(scan.rows, scan.columns))
            for mask in masks
            if not mask.overlay
        ]
        bits_to_clear = overlay_planes.find_bits_to_clear(source, can_hold_text, known.occurs_in)
        for _ in range(RESIDUAL_CHECK_MAX_ROUNDS):
            redacted = self._mask_frames(source, in_frames, patient, bits_to_clear)
            clean = source.with_elements(redacted.elements, redacted.transfer_syntax)
            residual = self._find_residual_text(source, clean, in_frames, known, scan)
            if not residual:
                break
            in_frames += residual
        else:
            raise _make_residual_refusal(residual, len(in_frames))
        _refuse_known_bytes(clean, known)
        elements = dict(redacted.elements)
        if self.policy.overlays == "read":
            elements.update(clean_overlays(source, in_overlays, known, self.reader))
        else:
            elements.update(overlay_planes.remove_overlays(source))
        if self.policy.icons == "rebuild" and source.get_values("IconImageSequence"):
            picture = self._render_redacted(clean, (0,), in_frames)
            syntax = redacted.transfer_syntax or source.transfer_syntax
            elements[ICON_IMAGE_SEQUENCE] = make_icon(picture.displayed, syntax)
        return Redaction(
            elements,
            redacted.transfer_syntax,
            (*in_frames, *in_overlays),
            True,
            assess_face(make_header_getter(source))[0],
            bits_to_clear,
            redacted.cleared_bytes,
            redacted.frames_with_metadata,
            redacted.has_new_offsets,
        )

    def _mask_frames(
        self, source: FrameSource, masks: Sequence[Mask], patient: Patient | None, clear: int
    ) -> RedactedPixelData:
        """Return new pixel data with masks; ``clear`` is the bit mask of bits to clear."""
        fills: dict[int, list[Fill]] = {}
        with_text = self.policy.mask == "placeholder"
        for mask in masks:
            fill = Fill(mask.box, make_placeholder(mask, patient) if with_text else "")
            for frame in range(source.frame_count) if mask.frames is None else mask.frames:
                fills.setdefault(frame, []).append(fill)
        return redact_frames(source, fills, self.policy.lossy_reencode, clear)

    def _find_residual_text(
        self,
        source: FrameSource,
        clean: FrameSource,
        masks: Sequence[Mask],
        known: KnownPHI,
        scan: PixelScan,
    ) -> list[Mask]:
        """Return the identifying and the suspected text in frames with masks, and in a sample."""
        digest = blake2b(source.data, digest_size=16).digest()
        found: list[Mask] = []
        checked: dict[Box, Picture] = {}
        count = 0
        for group in frame_groups.group_equal_frames(source):
            own = [m for m in masks if m.frames is None or not set(m.frames).isdisjoint(group)]
            whole = is_sampled(digest, group[0], self.policy.proof_sampling)
            if not whole and (not own or count >= FRAMES_READ_SINGLY_MAX_COUNT):
                continue
            count += 1
            picture = self._render_redacted(clean, group, own)
            in_all_frames = any(mask.frames is None for mask in own)
            residual = find_residual_phi(
                picture, own, known, self.reader, whole=whole, checked=checked
            )
            tilted = find_residual_tilted(picture, scan, known, self.reader)
            suspected = find_suspected_text(picture, scan.lines, self.reader)
            for mask in (*residual, *tilted, *suspected):
                box = mask.box.clip(*picture.full_range.shape[:2])
                frames = None if in_all_frames else mask.frames
                found.append(replace(mask, box=box, frames=frames))
        return list(dict.fromkeys(found))

    def _render_redacted(
        self, clean: FrameSource, frames: tuple[int, ...], masks: Sequence[Mask]
    ) -> FramePicture:
        """Return the pictures of a redacted frame, without the placeholders drawn into it."""
        values = clean.read_frame(frames[0])
        info = replace(clean.info, photometric=clean.photometric)
        if self.policy.mask == "placeholder":
            own = [m for m in masks if m.frames is None or frames[0] in m.frames]
            fills = [Fill(mask.box) for mask in own]
            values = paint_boxes(values, fills, clean.info, clean.photometric)
        return frame_groups.render_frame(values, info, frames)


def _refuse_known_bytes(clean: FrameSource, known: KnownPHI) -> None:
    """Raise Refusal if native pixel data spell a value of the patient in their bytes."""
    if clean.element is None or clean.encapsulated is not None:
        return
    start = clean.element.start
    samples = memoryview(clean.data)[start : start + clean.element.length]
    if known.occurs_in(samples, are_samples=True):
        raise Refusal(
            Reason.PIXEL_PHI_REMAINS,
            "the bytes of the pixel data spell a value of the patient; review the object",
        )


def _make_residual_refusal(residual: Sequence[Mask], count: int) -> Refusal:
    """Return the refusal of an object that shows text after a number of regions were masked."""
    if all(mask.engine == SUSPECTED_ENGINE for mask in residual):
        return Refusal(
            Reason.PIXEL_TEXT_SUSPECTED,
            f"{len(residual)} places still look like faint text after {count} regions were masked; "
            "review the object, and mask these places by `regions` in the rules if they are text",
        )
    return Refusal(
        Reason.PIXEL_PHI_REMAINS,
        f"identifying text can still be read after {count} regions were masked; "
        "review the object, or change the rules to mask all text",
    )


def _make_device_masks(device: DeviceDecision, policy: PixelPolicy) -> tuple[Mask, ...]:
    """Return the regions that the device catalog masks; raise Refusal if it denies the device."""
    if device.action == "deny" and policy.denied_devices == "quarantine":
        raise Refusal(
            Reason.DEVICE_DENIED,
            f"rule '{device.rule}' of the device catalog denies this device; review images of "
            "the device, then mask its `regions` in the rules and set `denied_devices: read`",
        )
    engine = "catalog" if device.exact else DEVICE_CLASS_ENGINE
    return tuple(Mask(None, box, "DEVICE", engine, 1.0) for box in device.boxes)
