"""Verification of text in pixels with Tesseract."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset

from safelight.verify import Check, Verifier
from safelight.verify.pixel_ocr import is_tesseract_installed
from tests.verify.objects import original, output, to_bytes

pytestmark = pytest.mark.skipif(not is_tesseract_installed(), reason="Tesseract is not installed")


def draw(ds: Dataset, text: str, photometric: str = "MONOCHROME2") -> Dataset:
    """Draw a text into the pixels, bright on a dark noisy background as scanners do."""
    noise = np.random.default_rng(5).integers(0, 40, (120, 420), dtype=np.uint8)
    image = Image.fromarray(noise)
    font = ImageFont.load_default(size=20)
    ImageDraw.Draw(image).text((20, 40), text, fill=255, font=font)
    pixels = np.asarray(image)
    ds.Rows, ds.Columns = pixels.shape
    ds.PhotometricInterpretation = photometric
    ds.PixelData = (255 - pixels if photometric == "MONOCHROME1" else pixels).tobytes()
    return ds


def make_image(text: str) -> Dataset:
    """Return a small image with a text, as an item of a sequence."""
    image = draw(Dataset(), text)
    image.SamplesPerPixel, image.PixelRepresentation = 1, 0
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit = 7
    return image


def test_a_name_in_an_icon_is_found() -> None:
    ds = output()
    ds.IconImageSequence = [make_image("QUILLFEATHER OTTOLINE")]
    found = Verifier(ocr=True).compare(to_bytes(ds), to_bytes(original()))
    assert {(d.check, d.location) for d in found} == {(Check.LEAK, "icon[0]")}


@pytest.mark.parametrize("is_embedded", [False, True])
def test_a_name_in_an_overlay_is_found(is_embedded: bool) -> None:
    ds = output()
    image = make_image("QUILLFEATHER OTTOLINE")
    bits = np.frombuffer(image.PixelData, np.uint8) > 128
    ds.add_new(0x60000010, "US", image.Rows)
    ds.add_new(0x60000011, "US", image.Columns)
    ds.add_new(0x60000102, "US", 15 if is_embedded else 0)
    if is_embedded:
        ds.Rows, ds.Columns = image.Rows, image.Columns
        ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 8, 7
        ds.PixelData = (bits.astype(np.uint16) << 15).tobytes()
        ds["PixelData"].VR = "OW"
    else:
        ds.add_new(0x60003000, "OW", np.packbits(bits, bitorder="little").tobytes())
    found = Verifier(ocr=True).compare(to_bytes(ds), to_bytes(original()), masked=True)
    assert (Check.LEAK, "(6000,3000) plane[0]") in {(d.check, d.location) for d in found}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_name_in_the_pixels_is_found(photometric: str) -> None:
    data = to_bytes(draw(output(), "QUILLFEATHER OTTOLINE", photometric))
    found = Verifier(ocr=True).compare(data, to_bytes(original()), masked=True)
    assert {(d.check, d.location) for d in found} == {(Check.LEAK, "pixels[0]")}
    assert Verifier().compare(data, to_bytes(original()), masked=True) == ()


def test_an_identifying_shape_in_the_pixels_is_found() -> None:
    data = to_bytes(draw(output(), "CALL 617-555-0142"))
    found = Verifier(ocr=True).check(data)
    assert {(d.check, d.location) for d in found} == {(Check.PIXELS, "pixels[0]")}


def test_technical_text_in_the_pixels_is_not_a_defect() -> None:
    data = to_bytes(draw(output(), "CHEST AP 120 kV"))
    assert Verifier(ocr=True).check(data) == ()
