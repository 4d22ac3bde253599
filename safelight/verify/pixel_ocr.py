"""The check's own reading of pixels: pydicom decodes, Tesseract reads.

A second engine, so that what the first one cannot read is not clean by definition. It is
slow (about a second a frame), so frames of a multi-frame object are sampled evenly.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder

#: Frames read of one object.
SAMPLED_FRAMES = 5

#: Confidence of Tesseract, 0 to 100, from which a word is taken for one.
CONFIDENT = 60

#: Enlargement before reading: burned-in letters are about 12 pixels high, Tesseract wants 30.
SCALE = 2


def is_tesseract_installed() -> bool:
    """Whether the program is there."""
    return shutil.which("tesseract") is not None


def read_frame_texts(dataset: Dataset) -> Iterator[tuple[int, str]]:
    """Text that stands in the frames of an object.

    Yields
    ------
    tuple
        Frame, from 0; its words in reading order, joined by spaces. Frames that cannot be
        decoded are left out: ``pixels.check_pixel_data`` reports those.
    """
    if "PixelData" not in dataset:
        return
    count = int(dataset.get("NumberOfFrames") or 1)
    for index in sorted({round(i) for i in np.linspace(0, count - 1, min(count, SAMPLED_FRAMES))}):
        try:
            array, _ = get_decoder(dataset.file_meta.TransferSyntaxUID).as_array(
                dataset, index=index
            )
        except Exception:  # noqa: BLE001  pydicom and its plugins raise many kinds
            return
        yield index, _read(_to_grey(array, str(dataset.get("PhotometricInterpretation", ""))))


def _to_grey(array: NDArray[np.generic], photometric: str) -> Image.Image:
    """A frame as 8-bit grey, dark on bright as print is, with its whole range used."""
    values = array.astype(np.float32)
    if values.ndim == 3:
        values = values[..., 0] if photometric.startswith("YBR") else values.max(axis=-1)
    low, high = np.percentile(values, (0.5, 99.9))
    high = max(float(high), float(low) + 1)
    scaled = np.clip((values - low) / (high - low), 0, 1) * 255
    bright_text = photometric != "MONOCHROME1"
    image = Image.fromarray((255 - scaled if bright_text else scaled).astype(np.uint8))
    return image.resize((image.width * SCALE, image.height * SCALE), Image.Resampling.LANCZOS)


def _read(image: Image.Image) -> str:
    import pytesseract

    # Page segmentation mode 11: text anywhere, in no particular order.
    found = pytesseract.image_to_data(image, config="--psm 11", output_type=pytesseract.Output.DICT)
    words = [
        word.strip()
        for word, confidence in zip(found["text"], found["conf"], strict=True)
        if float(confidence) >= CONFIDENT and len(word.strip()) > 1
    ]
    return " ".join(words)
