"""Check that an OCR engine reads, before the first picture of a worker.

An engine whose models are damaged, or whose library has changed, may find no text at all without an
error. Its pictures would count as free of text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import TextReader
from safelight.records import Reason, Refusal

#: Text of the picture. The engine must read its digits.
_TEXT, _DIGITS = "CHECK 4071", "4071"
_TYPE_PIXELS = 28
_ROWS, _COLUMNS, _MARGIN = 64, 256, 16

#: Engines that have read the picture, each with the function that has done so.
_passed: set[tuple[int, Callable[..., object]]] = set()


def check_reader(reader: TextReader) -> TextReader:
    """Return an engine that reads a picture of known text; the picture is read once per process.

    Parameters
    ----------
    reader : TextReader

    Raises
    ------
    Refusal
        ``OCR_SELF_TEST`` if the engine does not read the text.
    """
    read = reader.read
    key = (id(reader), getattr(read, "__func__", read))
    if key in _passed:
        return reader
    readings = reader.read(_draw_text())
    text = "".join(reading.text for reading in readings or ())
    if _DIGITS not in "".join(filter(str.isdigit, text)):
        raise Refusal(
            Reason.OCR_SELF_TEST,
            f"the OCR engine {reader.name} does not read its test picture; install its library and "
            "models again",
        )
    _passed.add(key)
    return reader


@lru_cache(maxsize=1)
def _draw_text() -> Picture:
    """Return a gray picture with the text in white on black."""
    image = Image.new("L", (_COLUMNS, _ROWS))
    font = ImageFont.load_default(_TYPE_PIXELS)
    ImageDraw.Draw(image).text((_MARGIN, _ROWS // 2), _TEXT, fill=255, font=font, anchor="lm")
    return np.asarray(image)
