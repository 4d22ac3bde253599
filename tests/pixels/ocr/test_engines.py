from __future__ import annotations

import pytest

from safelight.pixels.ocr import make_reader


def test_an_engine_is_made_once_per_process():
    assert make_reader("tesseract") is make_reader("tesseract")


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="unknown OCR engine"):
        make_reader("abbyy")
