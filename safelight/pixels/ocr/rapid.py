"""PP-OCRv6 small on onnxruntime: the default OCR engine.

The two networks come from the rapidocr wheel (Apache-2.0): a DB detector, which marks the pixels
of text, and a CTC recognizer, which reads a line of 48 pixels height. They are run without the
code of rapidocr, since burned-in text needs boxes of weak readings, rotated lines and the place
of each character, so that a mask covers a value and not the label before it.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from safelight.pixels.gate.windowing import to_grayscale
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, is_inside_line, score_reading
from safelight.pixels.ocr.detector import Detector, make_network_input
from safelight.pixels.thresholds import (
    OCR_RECOGNIZER_HEIGHT_PIXELS,
    OCR_RECOGNIZER_MIN_WIDTH_PIXELS,
    OCR_STROKE_COUNT_MIDDLE_SHARES,
    OCR_TWO_ROWS_DOUBTFUL_MAX_CONFIDENCE,
    OCR_TWO_ROWS_DOUBTFUL_MIN_HEIGHT_PIXELS,
    OCR_TWO_ROWS_MIDDLE_SHARES,
    OCR_TWO_ROWS_MIN_HEIGHT_PIXELS,
    OCR_TWO_ROWS_MIN_SCORE_GAIN,
    OCR_TWO_ROWS_VALLEY_MAX_SHARE,
    OCR_UNREADABLE_LINE_ASPECT_RATIOS,
    OCR_UNREADABLE_LINE_MIN_PROBABILITY,
    OCR_UNREADABLE_LINE_MIN_STROKES_PER_HEIGHT,
    OCR_UNREADABLE_LINE_PARTLY_READ_MIN_CONFIDENCE,
    OCR_UNREADABLE_LINE_PARTLY_READ_MIN_PROBABILITY,
    OCR_UPRIGHT_LINE_MIN_CONFIDENCE,
    OCR_UPSIDE_DOWN_LINE_MIN_ASPECT_RATIO,
    OCR_VERTICAL_LINE_MIN_ASPECT_RATIO,
    OCR_WITHOUT_STROKES_MIN_CONFIDENCE,
)
from safelight.records import Reason, Refusal

DETECTOR_FILE = "PP-OCRv6_det_small.onnx"
RECOGNIZER_FILE = "PP-OCRv6_rec_small.onnx"

#: Threads of one worker process. More than cores / workers slows all workers down.
THREADS_VARIABLE = "SAFELIGHT_OCR_THREADS"

#: Characters that lines, crosses and frames are read as.
_GRAPHICS = re.compile(r"[一二三丨十卅口日目田川丁工|_—-]+")


def read_thread_count() -> int:
    """Return the number of threads from ``SAFELIGHT_OCR_THREADS``, by default 1."""
    return max(1, int(os.environ.get(THREADS_VARIABLE, "1")))


def find_model_folder() -> Path:
    """Return the folder of the networks in the rapidocr package, without importing it.

    Raises
    ------
    Refusal
        If rapidocr or its networks are not installed.
    """
    spec = importlib.util.find_spec("rapidocr")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "models"
        if (folder / DETECTOR_FILE).is_file() and (folder / RECOGNIZER_FILE).is_file():
            return folder
    raise Refusal(
        Reason.PIXELS_NOT_CHECKED,
        "the OCR networks are not installed; install rapidocr 3.10 or choose another engine",
    )


class RapidReader:
    """PP-OCRv6 small.

    Parameters
    ----------
    threads : int, optional
        Threads of onnxruntime within one operation; by default from the environment.

    Raises
    ------
    Refusal
        If rapidocr or its networks are not installed.
    """

    name = "rapidocr"

    def __init__(self, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or read_thread_count()
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        folder = find_model_folder()

        def make_session(name: str) -> Any:
            return onnxruntime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"]
            )

        self.detector = Detector(make_session(DETECTOR_FILE))
        self._recognizer = make_session(RECOGNIZER_FILE)
        characters = self._recognizer.get_modelmeta().custom_metadata_map["character"]
        self._alphabet = ["", *characters.splitlines(), " "]

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        """Return the text of each crop, which holds one horizontal line; boxes span the crop."""
        readings = []
        for crop in crops:
            rows, columns = crop.shape[:2]
            height = OCR_RECOGNIZER_HEIGHT_PIXELS
            width = max(OCR_RECOGNIZER_MIN_WIDTH_PIXELS, round(columns * height / rows))
            line = cv2.resize(crop, (width, height), interpolation=cv2.INTER_CUBIC)
            chart = self._recognizer.run(None, {"x": make_network_input(line)})[0][0]
            text, confidence, borders = self._decode(chart)
            readings.append(Reading(Box(0, 0, columns, rows), text, confidence, 0, borders))
        return readings

    def read(
        self,
        picture: Picture,
        known: Sequence[Box] = (),
        areas: Sequence[Box] | None = None,
        strokes: Picture | None = None,
    ) -> list[Reading]:
        """Return the lines of a picture, in any order; see `TextReader.read`.

        Lines are detected in the stroke picture if there is one. A line that is not read well in
        the picture is read in the stroke picture as well.

        Parameters
        ----------
        picture : ndarray of uint8
            (rows, columns) or (rows, columns, 3) in RGB.
        known : sequence of Box
            Lines inside these boxes are left out, since they were read before; in pixels.
        areas : sequence of Box, optional
            Areas in which lines are detected, in pixels; by default the whole picture.
        strokes : ndarray of uint8, optional
            Stroke picture of the same size.

        Returns
        -------
        list of Reading
            Boxes in pixels of the picture. A line that looks like text and cannot be read has
            an empty text, and so has the place of a tilted line.
        """
        shown = picture if strokes is None else strokes
        boxes, tilted = self.detector.detect_all(shown, areas)
        readings = [Reading(line.box, "", line.score, tilt=line.tilt) for line in tilted]
        for box, score in boxes:
            if any(is_inside_line(box, other) for other in known):
                continue
            reading = self._read_box(picture, strokes, box)
            for part in self._split_two_rows(picture, strokes, reading):
                if not _GRAPHICS.fullmatch(part.text):
                    readings.append(_or_unreadable(part, score, picture))
        return readings

    def _read_box(
        self, picture: Picture, strokes: Picture | None, box: Box, rotation: int | None = None
    ) -> Reading:
        """Return the better reading of a box in the picture and, if needed, in the strokes."""
        best = self._read_rotated(picture, box, rotation)
        if strokes is None or best.confidence >= OCR_WITHOUT_STROKES_MIN_CONFIDENCE:
            return best
        other = self._read_rotated(strokes, box, best.rotation)
        best, other = sorted((best, other), key=score_reading, reverse=True)
        differs = other.text and other.text != best.text
        return replace(best, variants=(other.text,)) if differs else best

    def _read_rotated(self, picture: Picture, box: Box, known: int | None = None) -> Reading:
        """Return the reading of a box at a known rotation, or at the one that reads best."""
        x, y, w, h = box
        crop = picture[y : y + h, x : x + w]
        best = Reading(box, "", 0.0)
        rotations = (270, 90) if h > OCR_VERTICAL_LINE_MIN_ASPECT_RATIO * w else (0, 180)
        for rotation in rotations if known is None else (known,):
            if rotation == 180 and known is None and _is_upright(best):
                break
            found = self.recognize([np.rot90(crop, rotation // 90) if rotation else crop])[0]
            if found.confidence > best.confidence or not best.text:
                borders = found.character_borders
                best = Reading(box, found.text, found.confidence, rotation, borders)
        return best

    def _split_two_rows(
        self, picture: Picture, strokes: Picture | None, reading: Reading
    ) -> list[Reading]:
        """Return two rows that were detected as one line, if they score higher as two."""
        x, y, w, h = reading.box
        if reading.rotation or h < OCR_TWO_ROWS_MIN_HEIGHT_PIXELS or w < h:
            return [reading]
        gray = to_grayscale(picture[y : y + h, x : x + w]).astype(np.int16)
        profile = np.abs(np.diff(gray, axis=1)).sum(axis=1)
        begin, end = (round(share * h) for share in OCR_TWO_ROWS_MIDDLE_SHARES)
        cut = begin + int(profile[begin:end].argmin())
        is_doubtful = (
            reading.confidence < OCR_TWO_ROWS_DOUBTFUL_MAX_CONFIDENCE
            and h >= OCR_TWO_ROWS_DOUBTFUL_MIN_HEIGHT_PIXELS
        )
        valley = OCR_TWO_ROWS_VALLEY_MAX_SHARE * np.median(profile)
        if not is_doubtful and profile[cut] > valley:
            return [reading]
        halves = (Box(x, y, w, cut), Box(x, y + cut, w, h - cut))
        parts = [self._read_box(picture, strokes, half, reading.rotation) for half in halves]
        least = score_reading(reading) + OCR_TWO_ROWS_MIN_SCORE_GAIN
        is_better = sum(map(score_reading, parts)) > least
        return parts if is_better and all(len(part.text) > 1 for part in parts) else [reading]

    def _decode(self, chart: npt.NDArray[np.float32]) -> tuple[str, float, tuple[float, ...]]:
        """Decode the output of the recognizer greedily (CTC).

        Parameters
        ----------
        chart : ndarray of float32
            Shape (steps, characters): probability of each character at each step.

        Returns
        -------
        text : str
        confidence : float
            Mean probability of the characters.
        borders : tuple of float
            Borders of the characters as fractions of the line.
        """
        best = chart.argmax(axis=1)
        keep = best != 0
        keep[1:] &= best[1:] != best[:-1]
        steps = np.flatnonzero(keep)
        if not steps.size:
            return "", 0.0, ()
        text = "".join(self._alphabet[index] for index in best[steps])
        confidence = float(chart[steps, best[steps]].mean())
        centers = (steps + 0.5) / len(best)
        half = (centers[-1] - centers[0]) / max(1, len(steps) - 1) / 2 if len(steps) > 1 else 0.5
        inner = (centers[1:] + centers[:-1]) / 2
        first, last = max(0.0, centers[0] - half), min(1.0, centers[-1] + half)
        borders = tuple(round(float(value), 4) for value in (first, *inner, last))
        stripped = text.strip()
        begin = len(text) - len(text.lstrip())
        return stripped, confidence, borders[begin : begin + len(stripped) + 1]


def _is_upright(reading: Reading) -> bool:
    """Return whether a horizontal reading need not be tried upside down."""
    if reading.box.width < OCR_UPSIDE_DOWN_LINE_MIN_ASPECT_RATIO * reading.box.height:
        return True
    return reading.confidence >= OCR_UPRIGHT_LINE_MIN_CONFIDENCE and not _is_too_short(reading)


def _or_unreadable(reading: Reading, score: float, picture: Picture) -> Reading:
    """Return the reading, or one without text if its box holds far more writing than was read.

    That is the result for a script that the recognizer does not know.
    """
    is_text = score >= OCR_UNREADABLE_LINE_MIN_PROBABILITY or (
        score >= OCR_UNREADABLE_LINE_PARTLY_READ_MIN_PROBABILITY
        and reading.confidence >= OCR_UNREADABLE_LINE_PARTLY_READ_MIN_CONFIDENCE
    )
    if not is_text or not _is_too_short(reading):
        return reading
    if _count_strokes(picture, reading) < OCR_UNREADABLE_LINE_MIN_STROKES_PER_HEIGHT:
        return reading
    return Reading(reading.box, "", score, reading.rotation, (), (reading.text,))


def _count_strokes(picture: Picture, reading: Reading) -> float:
    """Return the number of strokes that a pixel row crosses on the length of one line height."""
    x, y, w, h = reading.box
    crop = to_grayscale(picture[y : y + h, x : x + w])
    if reading.rotation in (90, 270):
        crop, w, h = np.ascontiguousarray(crop.T), h, w
    _, ink = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    begin, end = (round(share * h) for share in OCR_STROKE_COUNT_MIDDLE_SHARES)
    strokes = (np.diff(ink[begin:end].astype(np.int8), axis=1) == 1).sum(axis=1)
    return float(np.median(strokes)) * h / w if strokes.size else 0.0


def _is_too_short(reading: Reading) -> bool:
    """Return whether the characters of a reading are too few for the length of its box."""
    low, high = OCR_UNREADABLE_LINE_ASPECT_RATIOS
    height, length = sorted((reading.box.width, reading.box.height))
    characters = len("".join(reading.text.split()))
    return low <= length / height <= high and characters * height <= length
