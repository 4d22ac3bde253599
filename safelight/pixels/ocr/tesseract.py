"""Tesseract through pytesseract: the second OCR engine, for comparison and as a replacement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytesseract
from PIL import Image

from safelight.pixels.gate.windowing import to_grayscale
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, is_inside_line
from safelight.pixels.thresholds import TESSERACT_LINE_MARGIN_PIXELS, TESSERACT_MARGIN_PIXELS
from safelight.records import Reason, Refusal

#: Page segmentation mode: sparse text, as much as there is, in any order.
_SPARSE_TEXT = "--psm 11"
#: Page segmentation mode: one line of text.
_ONE_LINE = "--psm 7"


class TesseractReader:
    """Tesseract 5 with the English model.

    Parameters
    ----------
    rotations : sequence of int
        Clockwise rotations of text that are read, in degrees: one pass over the picture each.
    """

    name = "tesseract"

    def __init__(self, rotations: Sequence[int] = (0, 90, 270)) -> None:
        self.rotations = tuple(rotations)

    def read(
        self,
        picture: Picture,
        known: Sequence[Box] = (),
        areas: Sequence[Box] | None = None,
        strokes: Picture | None = None,  # noqa: ARG002 - part of the protocol
    ) -> list[Reading]:
        """Return the lines of a picture, in any order; see `TextReader.read`.

        All areas are read in one call with the picture between them, since the start of the program
        costs more. Stroke pictures are not used.

        Parameters
        ----------
        picture : ndarray of uint8
            (rows, columns) or (rows, columns, 3) in RGB.
        known : sequence of Box
            Lines inside these boxes are left out, since they were read before; in pixels.
        areas : sequence of Box, optional
            Areas to read, in pixels; by default the whole picture. Nothing is read if it is empty.
        strokes : ndarray of uint8, optional
            Ignored.

        Returns
        -------
        list of Reading
            Boxes in pixels of the picture.

        Raises
        ------
        Refusal
            PIXELS_NOT_CHECKED if Tesseract is not installed or fails.
        """
        if areas is not None and not areas:
            return []
        whole = Box(0, 0, *picture.shape[1::-1]) if areas is None else Box.around(areas)
        return self._read(to_grayscale(picture[whole.slices]), known, whole.left, whole.top)

    def _read(self, plain: Picture, known: Sequence[Box], left: int, top: int) -> list[Reading]:
        """Return the lines of a part of a picture, which begins at a column and a row."""
        rows, columns = plain.shape
        readings: list[Reading] = []
        for rotation in self.rotations:
            rotated = np.rot90(plain, rotation // 90) if rotation else plain
            for reading in self._read_lines(np.ascontiguousarray(rotated), _SPARSE_TEXT):
                box = _rotate_back(reading.box, rotation, rows, columns).move(left, top)
                if not any(is_inside_line(box, other) for other in known):
                    borders = reading.character_borders
                    readings.append(
                        Reading(box, reading.text, reading.confidence, rotation, borders)
                    )
        return readings

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        """Return the text of each crop, which holds one horizontal line; boxes span the crop."""
        readings = []
        for crop in crops:
            rows, columns = crop.shape[:2]
            found = self._read_lines(to_grayscale(crop), _ONE_LINE)
            text = " ".join(reading.text for reading in found)
            confidence = min((reading.confidence for reading in found), default=0.0)
            readings.append(Reading(Box(0, 0, columns, rows), text, confidence))
        return readings

    def _read_lines(self, picture: Picture, mode: str) -> list[Reading]:
        """Run Tesseract on an upright grayscale picture and return a reading for each line."""
        margin = TESSERACT_MARGIN_PIXELS
        padded = np.pad(picture, margin, constant_values=int(np.median(picture)))
        try:
            data = pytesseract.image_to_data(
                Image.fromarray(padded), config=mode, output_type=pytesseract.Output.DICT
            )
        except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError):
            raise Refusal(
                Reason.PIXELS_NOT_CHECKED,
                "Tesseract did not run; install tesseract-ocr or choose the rapidocr engine",
            ) from None
        lines: dict[tuple[int, int, int], list[tuple[Box, str, float]]] = {}
        for i, text in enumerate(data["text"]):
            if text.strip() and float(data["conf"][i]) >= 0:
                place = (data["block_num"][i], data["par_num"][i], data["line_num"][i])
                box = Box(
                    data["left"][i] - margin,
                    data["top"][i] - margin,
                    data["width"][i],
                    data["height"][i],
                )
                lines.setdefault(place, []).append((box, text.strip(), data["conf"][i] / 100))
        return [_make_reading(words, *picture.shape) for words in lines.values()]


def _make_reading(words: list[tuple[Box, str, float]], rows: int, columns: int) -> Reading:
    """Return the reading of the words of one line, in a picture of a size."""
    margin = TESSERACT_LINE_MARGIN_PIXELS
    grown = Box.around(box for box, _, _ in words).grow(margin, margin)
    left, top = max(0, grown.left), max(0, grown.top)
    line = Box(left, top, min(columns, grown.right) - left, min(rows, grown.bottom) - top)
    borders: list[float] = []
    for box, text, _ in words:
        step = box.width / len(text)
        borders += [(box.left - line.left + n * step) / line.width for n in range(len(text) + 1)]
    return Reading(
        line,
        " ".join(text for _, text, _ in words),
        sum(confidence for _, _, confidence in words) / len(words),
        0,
        tuple(round(min(1.0, max(0.0, border)), 4) for border in borders),
    )


def _rotate_back(box: Box, rotation: int, rows: int, columns: int) -> Box:
    """Return a box of the rotated picture in the picture of some rows and columns."""
    x, y, w, h = box
    if rotation == 90:  # the picture was rotated counterclockwise
        return Box(columns - y - h, x, h, w)
    if rotation == 180:
        return Box(columns - x - w, rows - y - h, w, h)
    if rotation == 270:
        return Box(y, rows - x - w, h, w)
    return box
