"""Kept overlays are read, blanked and checked, and their texts are annotated."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageDraw, ImageFont

from safelight.dicom.parser import parse
from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading
from safelight.pixels.stage import PixelStage
from safelight.records import Reason, Refusal, Span
from safelight.rules.policies import PixelPolicy
from tests.pixels.frames.test_overlay_planes import with_overlay
from tests.pixels.objects import native_object, rebuilt
from tests.pixels.test_stage import KNOWN, NO_KNOWN_VALUES

POLICY = PixelPolicy(overlays="read", proof_sampling=0.0)


def drawn(*rows: str, side: int = 200) -> np.ndarray:
    canvas = Image.new("1", (side, side))
    draw = ImageDraw.Draw(canvas)
    for number, row in enumerate(rows):
        draw.text((8, 20 + 60 * number), row, 1, ImageFont.load_default(16))
    return np.array(canvas, np.uint8)


def overlaid(*rows: str) -> bytes:
    plain = native_object(bytes(200 * 200), Rows=200, Columns=200)
    return with_overlay(plain, 0x6000, drawn(*rows))


def plane_of(data: bytes) -> np.ndarray:
    return pydicom.dcmread(BytesIO(data)).overlay_array(0x6000)


def test_phi_is_blanked_and_the_rest_of_the_plane_is_kept() -> None:
    stage, data = PixelStage(POLICY), overlaid("SEXTON CARMEN", "Thickness 5.0")
    scan = stage.scan(parse(data))
    assert any("SEXTON" in text for text in scan.texts)
    masks = stage.decide(scan, KNOWN, {})
    assert {mask.overlay for mask in masks} == {0x6000}
    redaction = stage.redact(parse(data), scan, masks, KNOWN)
    before, after = plane_of(data), plane_of(rebuilt(data, redaction))
    assert not after[15:45].any() and (after[70:] == before[70:]).all()
    assert 0x7FE00010 not in redaction.elements, "no mask of an overlay is in the pixels"


def test_the_text_model_is_heard() -> None:
    stage, data = PixelStage(POLICY), overlaid("Thickness 5.0")
    scan = stage.scan(parse(data))
    (text,) = scan.texts
    spans = {text: [Span(0, len(text), "NAME", "key", 0.9)]}
    assert stage.decide(scan, NO_KNOWN_VALUES, spans) and not stage.decide(
        scan, NO_KNOWN_VALUES, {}
    )


class Stubborn:
    """Reads a name at a new place each time."""

    name = "stubborn"

    def __init__(self) -> None:
        self.pictures = 0

    def read(self, picture, known=(), areas=None, strokes=None):
        self.pictures += 1
        return [Reading(Box(10, 30 * self.pictures % 600, 100, 16), "SEXTON CARMEN", 0.99)]

    def recognize(self, crops):
        return [Reading(Box(0, 0, 1, 1), "", 0.0) for _ in crops]


def test_what_can_be_read_after_blanking_is_refused() -> None:
    stage, data = PixelStage(POLICY, Stubborn()), overlaid("SEXTON CARMEN")
    scan = stage.scan(parse(data))
    with pytest.raises(Refusal) as refusal:
        stage.redact(parse(data), scan, stage.decide(scan, KNOWN, {}), KNOWN)
    assert refusal.value.reason is Reason.PIXEL_PHI_REMAINS


def test_the_rules_may_remove_overlays_unread() -> None:
    stage, data = PixelStage(PixelPolicy(proof_sampling=0.0)), overlaid("SEXTON CARMEN")
    scan = stage.scan(parse(data))
    assert scan.overlays == () and scan.texts == ()
    redaction = stage.redact(parse(data), scan, (), KNOWN)
    assert redaction.elements[0x60003000] is None
