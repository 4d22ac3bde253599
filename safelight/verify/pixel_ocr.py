"""Read text in pixels with Tesseract as OCR engine.

The engine differs from the default engine of the de-identification, so that text that one cannot
read may be found by the other. Tesseract needs about one second per frame. Therefore only some
frames of a multi-frame object are read, evenly distributed.
"""

from __future__ import annotations

import shutil
from collections.abc import Hashable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from safelight.verify.frame_decoding import decode_frame

#: Number of frames of one object that are read.
_MAX_SAMPLED_FRAMES = 5

#: Confidence of Tesseract, 0 to 100, from which a word counts.
_OCR_WORD_MIN_CONFIDENCE = 60
_OCR_WORD_MIN_CHARACTERS = 2

#: Enlargement before OCR: burned-in letters are about 12 pixels high, Tesseract expects 30.
_OCR_ENLARGEMENT = 2

#: Percentiles of pixel values that become black and white.
_CONTRAST_PERCENTILES = (0.5, 99.9)

#: Page segmentation mode 11 of Tesseract: text anywhere, in no particular order.
_TESSERACT_CONFIG = "--psm 11"


def is_tesseract_installed() -> bool:
    """Return whether the program ``tesseract`` is found."""
    return shutil.which("tesseract") is not None


def sample_frames(dataset: Dataset) -> list[int]:
    """Return the indexes of the frames that are read, evenly distributed."""
    count = int(dataset.get("NumberOfFrames") or 1)
    positions = np.linspace(0, count - 1, min(count, _MAX_SAMPLED_FRAMES))
    return sorted({round(position) for position in positions})


def read_frame_texts(dataset: Dataset) -> Iterator[tuple[int, str]]:
    """Yield the text in the sampled frames of an object.

    Yields
    ------
    tuple of (int, str)
        Index of the frame, from 0, and its words, see :func:`join_words`. Frames that cannot be
        decoded are left out, because `safelight.verify.pixel_data.check_pixel_data` reports them.
    """
    if "PixelData" not in dataset:
        return
    for index in sample_frames(dataset):
        try:
            frame = decode_frame(dataset, index)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  pydicom and the libraries raise many kinds
            return
        yield index, _read_text(convert_to_print(frame.values, frame.photometric))


def read_image_text(image: Image.Image) -> str:
    """Return the words in a rendered image that Tesseract reads with confidence."""
    return _read_text(image)


def convert_to_print(array: NDArray[np.generic], photometric: str) -> Image.Image:
    """Return a frame as an enlarged 8-bit grey image with dark text on a bright background.

    Parameters
    ----------
    array : ndarray
        Frame, rows × columns or rows × columns × samples.
    photometric : str
        Photometric Interpretation (0028,0004).
    """
    values = array.astype(np.float32)
    if values.ndim == 3:
        values = values[..., 0] if photometric.startswith("YBR") else values.max(axis=-1)
    low, high = np.percentile(values, _CONTRAST_PERCENTILES)
    high = max(float(high), float(low) + 1)
    scaled = np.clip((values - low) / (high - low), 0, 1) * 255
    has_bright_text = photometric != "MONOCHROME1"
    image = Image.fromarray((255 - scaled if has_bright_text else scaled).astype(np.uint8))
    size = (image.width * _OCR_ENLARGEMENT, image.height * _OCR_ENLARGEMENT)
    return image.resize(size, Image.Resampling.LANCZOS)


def _read_text(image: Image.Image) -> str:
    """Return the words in an image that Tesseract reads with confidence, by lines."""
    import pytesseract

    found = pytesseract.image_to_data(
        image, config=_TESSERACT_CONFIG, output_type=pytesseract.Output.DICT
    )
    return join_words(
        zip(
            found["text"],
            map(float, found["conf"]),
            zip(found["block_num"], found["par_num"], found["line_num"], strict=True),
            strict=True,
        )
    )


def join_words(words: Iterable[tuple[str, float, Hashable]]) -> str:
    """Return the words that were read with confidence.

    Words of a line are joined by spaces, and lines by line feeds, since words that are far from
    each other in a picture are not a phrase.

    Parameters
    ----------
    words : iterable of tuple
        Word, confidence from 0 to 100, and key of its line.
    """
    lines: dict[Hashable, list[str]] = {}
    for word, confidence, line in words:
        text = word.strip()
        if confidence >= _OCR_WORD_MIN_CONFIDENCE and len(text) >= _OCR_WORD_MIN_CHARACTERS:
            lines.setdefault(line, []).append(text)
    return "\n".join(map(" ".join, lines.values()))
