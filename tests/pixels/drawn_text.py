"""Pictures with text, for tests of the gate and of the OCR engines."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.models import Picture


def draw_text(
    text: str, size: int = 20, width: int = 420, height: int = 90, ink: int = 255
) -> Picture:
    """Return a picture with a text in its middle: bright on dark, or dark on bright."""
    canvas = Image.new("L", (width, height), 255 - ink if ink < 128 else 20)
    draw = ImageDraw.Draw(canvas)
    draw.text((20, height // 2 - size), text, fill=ink, font=ImageFont.load_default(size))
    return np.asarray(canvas)


def draw_cyrillic() -> Picture:
    """Return a picture with a name in a script that the OCR engine cannot read."""
    canvas = Image.new("L", (460, 70), 12)
    font = ImageFont.truetype("DejaVuSans.ttf", 18)
    ImageDraw.Draw(canvas).text((15, 20), "Соколов Дмитрий Павлович", 240, font)
    return np.asarray(canvas)
