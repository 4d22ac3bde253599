"""Tesseract by pytesseract: the second engine, for comparison and where no other may run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytesseract
from PIL import Image

from safelight.pixels.gate.windowing import to_grayscale
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, is_inside_line
from safelight.records import Reason, Refusal

#: Sparse text: find as much as there is, in no particular order.
SPARSE = "--psm 11"
LINE = "--psm 7"
BORDER = 16


class TesseractReader:
    """Tesseract 5 with the English model; it enlarges by itself nothing, so neither is missed.

    Turned text is read in three more passes over the turned picture.
    """

    name = "tesseract"

    def __init__(self, turns: Sequence[int] = (0, 90, 270)):
        self.turns = tuple(turns)

    def read(
        self,
        picture: Picture,
        known: Sequence[Box] = (),
        areas: Sequence[Box] | None = None,
        strokes: Picture | None = None,
    ) -> list[Reading]:
        """Words of one line that stand together make one reading; strokes are not used."""
        if areas is not None and not areas:
            return []
        # One call for all areas: starting the program costs more than reading what is between.
        whole = Box(0, 0, *picture.shape[1::-1]) if areas is None else Box.around(areas)
        return self._read(to_grayscale(picture[whole.slices]), known, whole.left, whole.top)

    def _read(self, plain: Picture, known: Sequence[Box], left: int, top: int) -> list[Reading]:
        rows, columns = plain.shape
        readings: list[Reading] = []
        for turn in self.turns:
            turned = np.rot90(plain, turn // 90) if turn else plain
            for reading in self._lines(np.ascontiguousarray(turned), SPARSE):
                box = _back(reading.box, turn, rows, columns).move(left, top)
                if not any(is_inside_line(box, other) for other in known):
                    readings.append(
                        Reading(
                            box, reading.text, reading.confidence, turn, reading.character_borders
                        )
                    )
        return readings

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        """Read crops of one horizontal line each."""
        readings = []
        for crop in crops:
            rows, columns = crop.shape[:2]
            found = self._lines(to_grayscale(crop), LINE)
            text = " ".join(reading.text for reading in found)
            sure = min((reading.confidence for reading in found), default=0.0)
            readings.append(Reading(Box(0, 0, columns, rows), text, sure))
        return readings

    def _lines(self, picture: Picture, mode: str) -> list[Reading]:
        edge = int(np.median(picture))
        padded = np.pad(picture, BORDER, constant_values=edge)
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
                    data["left"][i] - BORDER, data["top"][i] - BORDER,
                    data["width"][i], data["height"][i],
                )  # fmt: skip
                lines.setdefault(place, []).append((box, text.strip(), data["conf"][i] / 100))
        return [_line(words, picture.shape[0], picture.shape[1]) for words in lines.values()]


def _line(words: list[tuple[Box, str, float]], rows: int, columns: int) -> Reading:
    left = max(0, min(box[0] for box, _, _ in words) - 2)
    top = max(0, min(box[1] for box, _, _ in words) - 2)
    right = min(columns, max(box[0] + box[2] for box, _, _ in words) + 2)
    bottom = min(rows, max(box[1] + box[3] for box, _, _ in words) + 2)
    borders: list[float] = []
    for box, text, _ in words:
        step = box[2] / len(text)
        borders += [(box[0] - left + n * step) / (right - left) for n in range(len(text) + 1)]
    confidence = sum(sure for _, _, sure in words) / len(words)
    text = " ".join(text for _, text, _ in words)
    return Reading(
        Box(left, top, right - left, bottom - top), text, confidence, 0,
        tuple(round(min(1.0, max(0.0, border)), 4) for border in borders),
    )  # fmt: skip


def _back(box: Box, turn: int, rows: int, columns: int) -> Box:
    """A box of the turned picture in the picture itself."""
    x, y, w, h = box
    if turn == 90:  # the picture was turned counterclockwise
        return Box(columns - y - h, x, h, w)
    if turn == 180:
        return Box(columns - x - w, rows - y - h, w, h)
    if turn == 270:
        return Box(y, rows - x - w, h, w)
    return box
