from __future__ import annotations

import pytest

from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import TextReader


@pytest.fixture(scope="package")
def reader() -> TextReader:
    """Return the default OCR engine."""
    return make_reader("rapidocr")
