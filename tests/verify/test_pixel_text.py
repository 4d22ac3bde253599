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
