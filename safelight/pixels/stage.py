"""The pixel stage: scan an object's pixels for text, decide, hide, and prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from safelight.pixels import film, overlays
from safelight.pixels.decide import decide
from safelight.pixels.devices import match_device, outside_regions
from safelight.pixels.encode import Encoded, encode
from safelight.pixels.faces import face
from safelight.pixels.film import Still
from safelight.pixels.frames import FrameSource
from safelight.pixels.gate import may_hold_text
from safelight.pixels.icon import ICON_IMAGE_SEQUENCE, icon
from safelight.pixels.lines import blocks
from safelight.pixels.look import look
from safelight.pixels.mask import Fill, paint
from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import Box, TextReader
from safelight.pixels.placeholder import placeholder
from safelight.pixels.prove import found_in, remaining, sampled
from safelight.pixels.records import Mask, PixelScan, Redaction, TextLine
from safelight.pixels.standing import joined
from safelight.pseudonyms import Patient
from safelight.records import Reason, Refusal, Span, Status
from safelight.rules.policies import PixelPolicy
from safelight.text.known import KnownPHI

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

    def scan(self, data: bytes) -> PixelScan:
        """Find the text in all frames.

        Raises
        ------
        Refusal
            NO_DECODER, UNDECODABLE_PIXELS, DEVICE_DENIED, …
        """
        source = FrameSource(data)
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
            scrub = tuple(Mask(None, box, "DEVICE", "catalog", 1.0) for box in boxes)
        groups = film.distinct(source)
        seen: list[tuple[Still, list[TextLine]]] = []
        gated = 0
        for still in film.stills(source, groups):
            if not any(may_hold_text(p) for p in (still.shown, *still.windows)):
                gated += 1
                continue
            readings = look(still.shown, still.windows, self.reader)
            seen.append((still, [
                TextLine(still.frames, r.box, r.text, r.confidence, self.reader.name, r.turn,
                         r.columns, r.variants)
                for r in readings
            ]))  # fmt: skip
        lines = joined(seen, source.frames)
        return PixelScan(
            frames=source.frames,
            rows=info.rows,
            columns=info.columns,
            lines=lines,
            blocks=blocks(lines),
            distinct=len(groups),
            gated=gated,
            read=len(seen),
            device=device.rule if device is not None else "",
            scrub=scrub,
            present=True,
        )

    def _refuse_face(self, source: FrameSource) -> None:
        recognizable, why = face(source.text)
        if recognizable:
            status = Status.FILTERED if self.policy.faces == "filter" else Status.QUARANTINED
            raise Refusal(Reason.RECOGNIZABLE_FACE, f"a face could be rebuilt: {why}", status)

    def decide(
        self, scan: PixelScan, known: KnownPHI, spans: Mapping[str, Sequence[Span]]
    ) -> tuple[Mask, ...]:
        """The regions to hide, given the header's values and the text model's spans."""
        return decide(scan, known, spans, self.policy.decision)

    def redact(
        self,
        data: bytes,
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
        source = FrameSource(data)
        hidden = list(masks)
        for _ in range(ROUNDS):
            found = self._prove(source, hidden, known)
            if not found:
                break
            hidden += found
        else:
            raise Refusal(
                Reason.PIXEL_PHI_REMAINS,
                f"after masking {len(hidden)} regions text that identifies can still be read; "
                "look at the object, or hide all text by rule",
            )
        encoded = self._encode(source, hidden, patient)
        elements = dict(encoded.elements)
        elements.update(self._overlays(source, known))
        if self.policy.icons == "rebuild" and source.values("IconImageSequence"):
            still = self._masked(source, (0,), hidden)
            syntax = encoded.transfer_syntax or source.transfer_syntax
            elements[ICON_IMAGE_SEQUENCE] = icon(still.shown, syntax)
        return Redaction(
            elements,
            encoded.transfer_syntax,
            tuple(hidden),
            True,
            face(source.text)[0],
        )

    def _overlays(
        self, source: FrameSource, known: KnownPHI
    ) -> dict[int, tuple[str, bytes] | None]:
        """Overlays without what identifies, or without overlays, as the rules say."""
        if self.policy.overlays == "remove":
            return dict(overlays.removed(source))
        found: dict[int, list[Box]] = {}
        for overlay in overlays.find(source):
            if overlay.bit is not None:
                continue  # cleared with the pixel data's unused bits
            boxes = found.setdefault(overlay.group, [])
            for index in range(overlay.frames):
                drawn = overlays.plane(source, overlay, index)
                masks = found_in(Still(drawn, (), (index,)), known, self.reader, self.policy)
                boxes += [mask.box for mask in masks]
        return overlays.kept(source, found)

    def _encode(
        self, source: FrameSource, masks: Sequence[Mask], patient: Patient | None
    ) -> Encoded:
        fills: dict[int, list[Fill]] = {}
        written = self.policy.mask == "placeholder"
        for mask in masks:
            fill = Fill(mask.box, placeholder(mask, patient) if written else "")
            for frame in range(source.frames) if mask.frames is None else mask.frames:
                fills.setdefault(frame, []).append(fill)
        clear = overlays.bits_to_clear(source, may_hold_text)
        return encode(source, fills, self.policy.lossy_reencode, clear)

    def _prove(self, source: FrameSource, masks: Sequence[Mask], known: KnownPHI) -> list[Mask]:
        """What still identifies in frames with masks, and in a sample of all."""
        digest = blake2b(source.data, digest_size=16).digest()
        found: list[Mask] = []
        looked = 0
        for group in film.distinct(source):
            own = [m for m in masks if m.frames is None or not set(m.frames).isdisjoint(group)]
            whole = sampled(digest, group[0], self.policy.proof_sampling)
            if not whole and (not own or looked >= film.FRAMES_READ):
                continue
            looked += 1
            still = self._masked(source, group, own)
            for mask in remaining(still, own, known, self.reader, whole):
                standing = any(m.frames is None for m in own)
                found.append(replace(mask, frames=None if standing else mask.frames))
        return list(dict.fromkeys(found))

    def _masked(self, source: FrameSource, frames: tuple[int, ...], masks: Sequence[Mask]) -> Still:
        """A frame with its masks filled, as pictures."""
        info = replace(source.info, photometric=source.photometric)
        fills = [
            Fill(mask.box) for mask in masks if mask.frames is None or frames[0] in mask.frames
        ]
        values = paint(source.frame(frames[0]), fills, source.info, source.photometric)
        return film.pictures(values, info, frames)
