"""The pixel stage as the engine calls it, with the real engine and with one made of strings."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageDraw, ImageFont

from safelight.dicom.parser import parse
from safelight.pixels.devices.catalog import DeviceDecision
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.detector import Detector
from safelight.pixels.redact.redactor import RedactedPixelData
from safelight.pixels.stage import PixelStage
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal
from safelight.rules.policies import PixelPolicy
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.pixels.objects import native_object, rebuilt

KNOWN = KnownPHI([KnownValue("NAME", "SEXTON^CARMEN"), KnownValue("ID", "3209648408")])
NO_KNOWN_VALUES = KnownPHI([])


def screen(*rows: str, side: int = 300) -> np.ndarray:
    canvas = Image.new("L", (side, side), 15)
    draw = ImageDraw.Draw(canvas)
    for number, row in enumerate(rows):
        draw.text((12, 12 + 26 * number), row, fill=240, font=ImageFont.load_default(18))
    return np.array(canvas)


def as_object(*frames: np.ndarray, **header) -> bytes:
    rows, columns = frames[0].shape
    if len(frames) > 1:
        header["NumberOfFrames"] = len(frames)
    return native_object(
        b"".join(f.tobytes() for f in frames), Rows=rows, Columns=columns, **header
    )


def done(stage: PixelStage, data: bytes, known: KnownPHI = NO_KNOWN_VALUES):
    parsed = parse(data)
    scan = stage.scan(parsed)
    return scan, stage.redact(parsed, scan, stage.decide(scan, known, {}), known)


@pytest.fixture(scope="module")
def stage():
    return PixelStage(PixelPolicy(proof_sampling=0.0))


def test_values_are_masked_and_technical_text_is_kept(stage):
    picture = screen("Name: SEXTON CARMEN", "ID: 3209648408", "", "Thickness 5.0 mm")
    data = as_object(picture)
    scan, redaction = done(stage, data, KNOWN)
    assert redaction.clean and scan.read_pictures == 1
    after = pydicom.dcmread(BytesIO(rebuilt(data, redaction))).pixel_array
    assert (after[90:, :] == picture[90:, :]).all()
    ink = picture[12:60] > 128
    values = ink & (np.arange(300) > 80)
    assert not (after[12:60] > 128)[values].any()
    changed = np.argwhere(after != picture)
    assert changed[:, 0].max() < 70
    assert done(stage, data, KNOWN)[1] == redaction


def test_small_text_on_a_large_image_is_found_and_only_its_place_is_read(stage, monkeypatch):
    y, x = np.mgrid[0:1600, 0:2000] / 2000
    canvas = Image.fromarray((2000 + 900 * np.sin(7 * x) * np.cos(5 * y)).astype(np.int32))
    draw = ImageDraw.Draw(canvas)
    draw.text((1700, 1570), "SEXTON CARMEN", 4095, ImageFont.load_default(10))
    picture = np.array(canvas).astype(np.uint16)
    read = []
    monkeypatch.setattr(
        Detector, "_detect_in_tile",
        lambda self, whole, tile, real=Detector._detect_in_tile: (
            read.append(tile[2] * tile[3]), real(self, whole, tile)
        )[1],
    )  # fmt: skip
    scan = stage.scan(parse(as_object(picture, BitsAllocated=16, BitsStored=12)))
    masks = stage.decide(scan, KNOWN, {})
    assert any(x <= 1702 and x + w >= 1760 and y >= 1560 for x, y, w, h in (m.box for m in masks))
    assert sum(read) < 0.3 * picture.size and max(read) <= 1024 * 1024


def test_the_residual_check_reads_the_new_bytes(stage, monkeypatch):
    data = as_object(screen("Name: SEXTON CARMEN"))
    scan = stage.scan(parse(data))
    masks = stage.decide(scan, KNOWN, {})
    unchanged = FrameSource.from_bytes(data)
    forgetful = RedactedPixelData({0x7FE00010: ("OB", unchanged.read_raw_frame(0))}, None, "native")
    monkeypatch.setattr("safelight.pixels.stage.redact_frames", lambda *_: forgetful)
    with pytest.raises(Refusal) as refusal:
        stage.redact(parse(data), scan, masks, KNOWN)
    assert refusal.value.reason is Reason.PIXEL_PHI_REMAINS


def faint_screen(*rows: str) -> np.ndarray:
    """Return a bright frame with noise, a black square, and text that is 6 levels darker."""
    values = np.random.default_rng(4).normal(215, 1.2, (300, 300))
    values[screen(*rows) > 128] -= 6
    values[250:280, 20:60] = 0
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def test_faint_text_is_masked_although_no_reader_reads_it():
    stage = PixelStage(PixelPolicy(proof_sampling=0.0), StringReader({}))
    data = as_object(faint_screen("SEXTON CARMEN", "ID 3209648408"))
    scan, redaction = done(stage, data)
    assert scan.read_pictures == 1 and all(mask.engine == "unread" for mask in redaction.masks)
    hidden = np.zeros((300, 300), bool)
    for mask in redaction.masks:
        hidden[mask.box.slices] = True
    assert hidden[14:30, 12:140].mean() > 0.9 and hidden[40:56, 12:130].mean() > 0.9


def test_an_object_in_which_faint_text_stays_suspected_is_refused(monkeypatch):
    stage = PixelStage(PixelPolicy(proof_sampling=0.0), StringReader({}))
    data = as_object(faint_screen("SEXTON CARMEN", "ID 3209648408"))
    scan = stage.scan(parse(data))
    unchanged = FrameSource.from_bytes(data)
    forgetful = RedactedPixelData({0x7FE00010: ("OB", unchanged.read_raw_frame(0))}, None, "native")
    monkeypatch.setattr("safelight.pixels.stage.redact_frames", lambda *_: forgetful)
    with pytest.raises(Refusal) as refusal:
        stage.redact(parse(data), scan, stage.decide(scan, KNOWN, {}), KNOWN)
    assert refusal.value.reason is Reason.PIXEL_TEXT_SUSPECTED


def test_nothing_found_leaves_the_pixels_their_bytes(stage):
    scan, redaction = done(stage, as_object(screen("Thickness 5.0 mm")), KNOWN)
    assert redaction.clean and redaction.masks == () and redaction.elements == {}


def test_burned_in_annotation_no_is_not_believed(stage):
    data = as_object(screen("SEXTON CARMEN"), BurnedInAnnotation="NO")
    assert done(stage, data, KNOWN)[1].masks


def test_a_frame_without_strokes_is_gated_and_still_clean(stage):
    smooth = np.tile(np.arange(128, dtype=np.uint8), (128, 1))
    scan, redaction = done(stage, as_object(smooth))
    assert (scan.distinct_frames, scan.gated_pictures, scan.read_pictures) == (1, 1, 0)
    assert redaction.clean and not redaction.masks


class StringReader:
    """Fake OCR engine that reads one bar of a given brightness as text."""

    name = "strings"

    def __init__(self, texts: dict[int, str]):
        self.texts, self.pictures = texts, 0

    def read(self, picture, known=(), areas=None, strokes=None):
        self.pictures += 1
        found = []
        for level, text in self.texts.items():
            ys, xs = np.nonzero(np.abs(picture.astype(int) - level) < 3)
            if len(xs) > 30:
                box = Box(int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1)
                found.append(Reading(box, text, 0.99))
        return found

    def recognize(self, crops):
        return [Reading(Box(0, 0, 1, 1), "", 0.0) for _ in crops]


def bars(level: int, at: int = 20) -> np.ndarray:
    picture = np.zeros((640, 640), np.uint8)
    picture[0, 0] = 255
    for x in range(20, 220, 6):
        picture[at : at + 14, x : x + 2] = level
    return picture


def test_equal_frames_are_read_once_and_hidden_in_all():
    reader = StringReader({200: "SEXTON CARMEN"})
    scan = PixelStage(PixelPolicy(), reader).scan(parse(as_object(*[bars(200)] * 4)))
    assert scan.distinct_frames == scan.read_pictures == 1 and reader.pictures <= 3
    assert {line.frames for line in scan.lines} == {None}


def test_text_of_one_frame_is_hidden_in_that_frame_alone():
    stage = PixelStage(PixelPolicy(), StringReader({200: "SEXTON CARMEN"}))
    data = as_object(bars(90, 300), bars(200), bars(90, 200))
    scan, redaction = done(stage, data, KNOWN)
    assert {mask.frames for mask in redaction.masks} == {(1,)}
    after = pydicom.dcmread(BytesIO(rebuilt(data, redaction))).pixel_array
    assert (after[0] == bars(90, 300)).all() and not (after[1] == 200).any()


def test_a_long_object_is_read_by_stretches_and_no_frame_is_missed():
    frames = [bars(90, 100 + n) for n in range(40)]
    frames[29] = bars(200)
    reader = StringReader({200: "SEXTON CARMEN"})
    scan = PixelStage(PixelPolicy(), reader).scan(parse(as_object(*frames)))
    assert scan.distinct_frames == 40
    assert any("SEXTON" in line.text and line.frames is None for line in scan.lines)
    assert scan.read_pictures < 40


class Stubborn(StringReader):
    """Sees a name at a new place each time, whatever is hidden."""

    def read(self, picture, known=(), areas=None, strokes=None):
        self.pictures += 1
        return [Reading(Box(30, 37 * self.pictures % 600, 100, 16), "SEXTON CARMEN", 0.99)]


def test_what_can_still_be_read_after_masking_is_refused():
    stage = PixelStage(PixelPolicy(proof_sampling=1.0), Stubborn({}))
    with pytest.raises(Refusal) as refusal:
        done(stage, as_object(bars(200)), KNOWN)
    assert refusal.value.reason is Reason.PIXEL_PHI_REMAINS
    assert "SEXTON" not in str(refusal.value)


def test_no_pixels_nothing_to_do(stage):
    parsed = parse(native_object(b"", Rows=0, Columns=0))
    scan = stage.scan(parsed)
    assert not scan.has_pixels and not stage.redact(parsed, scan, (), NO_KNOWN_VALUES).clean


def test_placeholders_show_the_pseudonym():
    stage = PixelStage(PixelPolicy(mask="placeholder"), StringReader({200: "SEXTON CARMEN"}))
    patient = Pseudonyms(bytes(range(32))).patient("someone")
    parsed = parse(as_object(bars(200)))
    scan = stage.scan(parsed)
    redaction = stage.redact(parsed, scan, stage.decide(scan, KNOWN, {}), KNOWN, patient)
    filled = PixelStage(PixelPolicy(), stage.reader).redact(
        parsed, scan, stage.decide(scan, KNOWN, {}), KNOWN
    )
    assert redaction.clean and redaction.elements != filled.elements


def test_faces_are_refused_when_the_rules_say_so():
    stage = PixelStage(PixelPolicy(faces="quarantine"), StringReader({}))
    data = as_object(bars(0), Modality="CT", BodyPartExamined="HEAD", SliceThickness="1")
    with pytest.raises(Refusal) as refusal:
        stage.scan(parse(data))
    assert refusal.value.reason is Reason.RECOGNIZABLE_FACE


def test_images_of_a_denied_device_are_refused_unless_the_rules_read_them(monkeypatch):
    denied = DeviceDecision("deny", (), "own")
    monkeypatch.setattr("safelight.pixels.stage.match_device", lambda _get: denied)
    data = as_object(bars(0))
    with pytest.raises(Refusal) as refusal:
        PixelStage(PixelPolicy(), StringReader({})).scan(parse(data))
    assert refusal.value.reason is Reason.DEVICE_DENIED
    reading = PixelStage(PixelPolicy(denied_devices="read"), StringReader({}))
    assert reading.scan(parse(data)).device_masks == ()
