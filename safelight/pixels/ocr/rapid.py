"""PP-OCRv6 small by onnxruntime: the default engine.

The two networks are the ones in the rapidocr wheel (Apache-2.0): a DB detector, which
marks the pixels that belong to text, and a CTC recognizer, which reads a line of 48
pixels height. They are run here directly: burned-in text needs boxes that keep weak
readings, turned lines and the place of each character, so that a mask covers a value and
not the key before it.
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
from safelight.pixels.ocr.base import Reading, information_score, is_inside_line
from safelight.pixels.ocr.detector import Detector, make_network_input
from safelight.records import Reason, Refusal

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNIZER = "PP-OCRv6_rec_small.onnx"

#: Threads of one worker process; more than cores / workers slows all of them down.
THREADS_VARIABLE = "SAFELIGHT_OCR_THREADS"

LINE_HEIGHT = 48
#: A line read upright below this confidence is tried upside down as well.
UPRIGHT = 0.7
#: A line read below this confidence is read among the strokes as well.
CLEAR = 0.9
#: A box of some height may hold two rows when a row of pixels in its middle has no more than
#: this share of the strokes of the others; a thicker one also when it was read below this
#: confidence.
TALL, VALLEY = 24, 0.3
THICK, CERTAIN = 36, 0.95
#: A box so wide for its height is unreadable text when the characters that were read in it would
#: each be as wide as they are high: if it is this sure to be text, or less so and something was
#: read there surely. (Of a curve or a grid, which are wider still, nothing is.)
WIDE, WIDEST = 4.0, 30.0
TEXT, LESS, SEEN = 0.87, 0.65, 0.5
#: Strokes of writing on the length of its height, at least.
CROSSINGS = 2.5
#: Signs that lines, crosses and frames are read as.
_STROKES = re.compile(r"[一二三丨十卅口日目田川丁工|_—-]+")


def read_thread_count() -> int:
    """Threads that ``SAFELIGHT_OCR_THREADS`` asks for; 1 without it."""
    return max(1, int(os.environ.get(THREADS_VARIABLE, "1")))


def find_model_folder() -> Path:
    """Folder of the networks inside the rapidocr package, which itself is not imported.

    Raises
    ------
    Refusal
        If rapidocr or its networks are not installed.
    """
    spec = importlib.util.find_spec("rapidocr")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "models"
        if (folder / DETECTOR).is_file() and (folder / RECOGNIZER).is_file():
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
        Threads of onnxruntime inside one operation; by default from the environment.
    """

    name = "rapidocr"

    def __init__(self, threads: int | None = None):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or read_thread_count()
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        folder = find_model_folder()

        def session(name: str) -> Any:
            return onnxruntime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"]
            )

        self.detector = Detector(session(DETECTOR))
        self._recognizer = session(RECOGNIZER)
        characters = self._recognizer.get_modelmeta().custom_metadata_map["character"]
        self._alphabet = ["", *characters.splitlines(), " "]

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        """Read crops of one horizontal line each."""
        readings = []
        for crop in crops:
            rows, columns = crop.shape[:2]
            width = max(16, round(columns * LINE_HEIGHT / rows))
            line = cv2.resize(crop, (width, LINE_HEIGHT), interpolation=cv2.INTER_CUBIC)
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
        """Detect in the strokes, then read each box in the picture and, in doubt, in them."""
        readings = []
        for box, score in self.detector.detect(picture if strokes is None else strokes, areas):
            if any(is_inside_line(box, other) for other in known):
                continue
            for reading in self._split(picture, strokes, self._read_box(picture, strokes, box)):
                if not _STROKES.fullmatch(reading.text):
                    readings.append(_or_unreadable(reading, score, picture))
        return readings

    def _read_box(
        self, picture: Picture, strokes: Picture | None, box: Box, turn: int | None = None
    ) -> Reading:
        """A box read in the picture and, when that is doubtful, among the strokes."""
        best = self._best(picture, box, turn)
        if strokes is None or best.confidence >= CLEAR:
            return best
        other = self._best(strokes, box, best.rotation)
        best, other = sorted((best, other), key=information_score, reverse=True)
        differs = other.text and other.text != best.text
        return replace(best, variants=(other.text,)) if differs else best

    def _best(self, picture: Picture, box: Box, known: int | None = None) -> Reading:
        """A box read in a known direction, or in the one that reads best."""
        x, y, w, h = box
        crop = picture[y : y + h, x : x + w]
        best = Reading(box, "", 0.0)
        turns = (270, 90) if h > 1.5 * w else (0, 180)
        for turn in turns if known is None else (known,):
            upright = best.confidence >= UPRIGHT and not _short(best)
            if turn == 180 and known is None and (w < 2 * h or upright):
                break
            found = self.recognize([np.rot90(crop, turn // 90) if turn else crop])[0]
            if found.confidence > best.confidence or not best.text:
                best = Reading(box, found.text, found.confidence, turn, found.character_borders)
        return best

    def _split(self, picture: Picture, strokes: Picture | None, reading: Reading) -> list[Reading]:
        """Two rows that the detector took for one, if they say more apart."""
        x, y, w, h = reading.box
        if reading.rotation or h < TALL or w < h:
            return [reading]
        ink = np.abs(np.diff(to_grayscale(picture[y : y + h, x : x + w]).astype(np.int16), axis=1))
        profile = ink.sum(axis=1)
        begin, end = round(0.3 * h), round(0.7 * h)
        cut = begin + int(profile[begin:end].argmin())
        doubtful = reading.confidence < CERTAIN and h >= THICK
        if not doubtful and profile[cut] > VALLEY * np.median(profile):
            return [reading]
        halves = (Box(x, y, w, cut), Box(x, y + cut, w, h - cut))
        parts = [self._read_box(picture, strokes, half, reading.rotation) for half in halves]
        better = sum(map(information_score, parts)) > information_score(reading) + 0.5
        return parts if better and all(len(part.text) > 1 for part in parts) else [reading]

    def _decode(self, chart: npt.NDArray[np.float32]) -> tuple[str, float, tuple[float, ...]]:
        """Greedy CTC: text, mean probability of its characters, borders between them."""
        best = chart.argmax(axis=1)
        keep = best != 0
        keep[1:] &= best[1:] != best[:-1]
        steps = np.flatnonzero(keep)
        if not steps.size:
            return "", 0.0, ()
        text = "".join(self._alphabet[index] for index in best[steps])
        confidence = float(chart[steps, best[steps]].mean())
        centres = (steps + 0.5) / len(best)
        half = (centres[-1] - centres[0]) / max(1, len(steps) - 1) / 2 if len(steps) > 1 else 0.5
        inner = (centres[1:] + centres[:-1]) / 2
        first, last = max(0.0, centres[0] - half), min(1.0, centres[-1] + half)
        borders = tuple(round(float(value), 4) for value in (first, *inner, last))
        stripped = text.strip()
        begin = len(text) - len(text.lstrip())
        return stripped, confidence, borders[begin : begin + len(stripped) + 1]


def _or_unreadable(reading: Reading, score: float, picture: Picture) -> Reading:
    """The reading, or one without text when far more stands in its box than was read.

    So does a script that the recognizer does not know come out.
    """
    sure = score >= TEXT or score >= LESS and reading.confidence >= SEEN
    if not sure or not _short(reading) or _crossings(picture, reading) < CROSSINGS:
        return reading
    return Reading(reading.box, "", score, reading.rotation, (), (reading.text,))


def _crossings(picture: Picture, reading: Reading) -> float:
    """How often a row of pixels goes from paper to ink, on the length of a line's height."""
    x, y, w, h = reading.box
    crop = to_grayscale(picture[y : y + h, x : x + w])
    if reading.rotation in (90, 270):
        crop, w, h = np.ascontiguousarray(crop.T), h, w
    _, ink = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    middle = ink[round(0.3 * h) : round(0.7 * h)]
    begins = (np.diff(middle.astype(np.int8), axis=1) == 1).sum(axis=1)
    return float(np.median(begins)) * h / w if begins.size else 0.0


def _short(reading: Reading) -> bool:
    """Whether the characters of a reading are too few for the length of its box."""
    long, high = max(reading.box[2:]), min(reading.box[2:])
    return WIDE <= long / high <= WIDEST and len("".join(reading.text.split())) * high <= long
