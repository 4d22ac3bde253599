"""OCR of frames: text detector, engines (one module each), passes over a frame, and lines."""

from __future__ import annotations

from functools import lru_cache

from safelight.pixels.ocr.base import TextReader


@lru_cache(maxsize=4)
def make_reader(engine: str) -> TextReader:
    """Return the OCR engine of a name, one per process; its library is imported on the first call.

    Raises
    ------
    Refusal
        If the library or the models of the engine are not installed.
    ValueError
        If no engine has this name.
    """
    if engine == "rapidocr":
        from safelight.pixels.ocr.rapid import RapidReader

        return RapidReader()
    if engine == "tesseract":
        from safelight.pixels.ocr.tesseract import TesseractReader

        return TesseractReader()
    raise ValueError(f"unknown OCR engine '{engine}'; use rapidocr or tesseract")
