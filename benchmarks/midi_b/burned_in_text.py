"""Draw text into frames, and read the text of a box again with Tesseract."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytesseract
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset

#: Corners of a box in pixels: left, top, right, bottom.
Corners = tuple[int, int, int, int]

_READ_MARGIN_PIXELS = 6
_READ_ENLARGEMENT = 3


def draw_text(frame: npt.NDArray[np.uint8], text: str, x: int, y: int, size: int) -> Corners:
    """Draw white text into a grey or RGB frame, and return its box."""
    canvas = Image.fromarray(frame)
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size)
    white = 255 if frame.ndim == 2 else (255, 255, 255)
    left, top, right, bottom = draw.textbbox((x, y), text, font=font)
    draw.text((x, y), text, fill=white, font=font)
    frame[...] = np.asarray(canvas)
    return round(left), round(top), round(right), round(bottom)


def read_box_text(dataset: Dataset, box: Corners) -> str:
    """Return the text that Tesseract reads in a box of the first frame of an object."""
    frame = dataset.pixel_array
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        frame = frame[0]
    grey = frame.mean(axis=2) if frame.ndim == 3 else frame.astype(float)
    left, top, right, bottom = box
    margin = _READ_MARGIN_PIXELS
    part = grey[max(top - margin, 0) : bottom + margin, max(left - margin, 0) : right + margin]
    span = float(part.max() - part.min()) or 1.0
    # Tesseract expects dark text on a bright ground.
    image = Image.fromarray((255 - (part - part.min()) * 255 / span).astype(np.uint8))
    size = (image.width * _READ_ENLARGEMENT, image.height * _READ_ENLARGEMENT)
    large = image.resize(size, Image.Resampling.LANCZOS)
    return str(pytesseract.image_to_string(large, config="--psm 7"))
