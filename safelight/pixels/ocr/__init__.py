"""OCR engines, a module each, behind one small interface."""

from __future__ import annotations

from functools import lru_cache

from safelight.pixels.ocr.base import TextReader


@lru_cache(maxsize=4)
def make_reader(engine: str) -> TextReader:
    """The engine of a name, one per process; its library is imported only here.

    Raises
    ------
    Refusal
        If the engine's library or models are not installed.
    ValueError
        For a name that is none.
    """
    if engine == "rapidocr":
        from safelight.pixels.ocr.rapid import RapidReader

        return RapidReader()
    if engine == "tesseract":
        from safelight.pixels.ocr.tesseract import TesseractReader

        return TesseractReader()
    raise ValueError(f"no OCR engine '{engine}'; there are rapidocr and tesseract")
