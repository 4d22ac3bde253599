"""PP-OCRv6 small by onnxruntime: the default engine.

The two networks are the ones in the rapidocr wheel (Apache-2.0): a DB detector, which
marks the pixels that belong to text, and a CTC recogniser, which reads a line of 48
pixels height. They are run here directly: burned-in text needs boxes that keep weak
readings, turned lines and the place of each character, so that a mask covers a value and
not the key before it.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from safelight.pixels.ocr.base import Box, Picture, Reading, grey, within
from safelight.records import Reason, Refusal

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNISER = "PP-OCRv6_rec_small.onnx"

#: Threads of one worker process; more than cores / workers slows all of them down.
THREADS_VARIABLE = "SAFELIGHT_OCR_THREADS"

#: Share of text in a pixel above which the detector's map counts as text (DB, section 3.4).
PIXEL_THRESHOLD = 0.3
BOX_THRESHOLD = 0.4
#: Lines of text are not thicker than this in a picture made for reading.
THICK = 96
#: The detector marks shrunken text; boxes grow by area x ratio / perimeter.
UNCLIP_RATIO = 1.6
LINE_HEIGHT = 48
#: A line read upright below this confidence is tried upside down as well.
SURE = 0.85
#: A tall box read below this confidence may hold two rows.
CERTAIN = 0.95
TALL = 36
#: Pixels of background put around a picture, so that text at its edge is seen whole.
BORDER = 16


def threads_from_environment() -> int:
    """Threads that ``SAFELIGHT_OCR_THREADS`` asks for; 1 without it."""
    return max(1, int(os.environ.get(THREADS_VARIABLE, "1")))


def model_folder() -> Path:
    """Folder of the networks inside the rapidocr package, which itself is not imported.

    Raises
    ------
    Refusal
        If rapidocr or its networks are not installed.
    """
    spec = importlib.util.find_spec("rapidocr")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "models"
        if (folder / DETECTOR).is_file() and (folder / RECOGNISER).is_file():
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
        options.intra_op_num_threads = threads or threads_from_environment()
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        folder = model_folder()

        def session(name: str) -> Any:
            return onnxruntime.InferenceSession(
                str(folder / name), options, providers=["CPUExecutionProvider"]
            )

        self._detector = session(DETECTOR)
        self._recogniser = session(RECOGNISER)
        characters = self._recogniser.get_modelmeta().custom_metadata_map["character"]
        self._alphabet = ["", *characters.splitlines(), " "]

    def detect(self, picture: Picture) -> list[tuple[Box, float]]:
        """Boxes of what looks like lines of text, with the mean of the text map in each."""
        rows, columns = picture.shape[:2]
        edge = float(np.median(np.concatenate([picture[0].ravel(), picture[-1].ravel()])))
        padded = cv2.copyMakeBorder(
            picture, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_CONSTANT, value=[edge] * 3
        )
        height, width = (-(-side // 32) * 32 for side in padded.shape[:2])
        padded = cv2.copyMakeBorder(
            padded,
            0,
            height - padded.shape[0],
            0,
            width - padded.shape[1],
            cv2.BORDER_CONSTANT,
            value=[edge] * 3,
        )
        chart = self._detector.run(None, {"x": _network_input(padded)})[0][0, 0]
        boxes: list[tuple[Box, float]] = []
        for (x, y, w, h), area, score in _components(chart, PIXEL_THRESHOLD):
            grow = round(area * UNCLIP_RATIO / (2 * (w + h)))
            left, top = max(x - grow - BORDER, 0), max(y - grow - BORDER, 0)
            right = min(x - BORDER + w + grow, columns)
            bottom = min(y - BORDER + h + grow, rows)
            if right - left > 3 and bottom - top > 3:
                boxes.append(((left, top, right - left, bottom - top), score))
        return boxes

    def recognise(self, crops: list[Picture]) -> list[Reading]:
        """Read crops of one horizontal line each."""
        readings = []
        for crop in crops:
            rows, columns = crop.shape[:2]
            width = max(16, round(columns * LINE_HEIGHT / rows))
            line = cv2.resize(crop, (width, LINE_HEIGHT), interpolation=cv2.INTER_CUBIC)
            chart = self._recogniser.run(None, {"x": _network_input(line)})[0][0]
            text, confidence, borders = self._decode(chart)
            readings.append(Reading((0, 0, columns, rows), text, confidence, 0, borders))
        return readings

    def read(self, picture: Picture, known: Sequence[Box] = ()) -> list[Reading]:
        """Detect, then read each box; vertical boxes both ways, doubtful ones upside down."""
        readings = []
        for box, _ in self.detect(picture):
            if any(within(box, other) for other in known):
                continue
            x, y, w, h = box
            crop = picture[y : y + h, x : x + w]
            turns = (270, 90) if h > 1.5 * w else (0, 180)
            best: Reading | None = None
            for turn in turns:
                if turn == 180 and (w < 2 * h or best is not None and best.confidence >= SURE):
                    break
                found = self.recognise([np.rot90(crop, turn // 90) if turn else crop])[0]
                if best is None or found.confidence > best.confidence:
                    best = Reading(box, found.text, found.confidence, turn, found.columns)
            if best is not None:
                readings += self._split(picture, best)
        return readings

    def _split(self, picture: Picture, reading: Reading) -> list[Reading]:
        """Two rows that the detector took for one, if they read better apart."""
        x, y, w, h = reading.box
        if reading.turn or reading.confidence >= CERTAIN or h < TALL or w < h:
            return [reading]
        ink = np.abs(np.diff(grey(picture[y : y + h, x : x + w]).astype(np.int16), axis=1))
        middle = ink.sum(axis=1)[round(0.3 * h) : round(0.7 * h)]
        cut = round(0.3 * h) + int(middle.argmin())
        parts = []
        for top, high in ((y, cut), (y + cut, h - cut)):
            found = self.recognise([picture[top : top + high, x : x + w]])[0]
            box = (x, top, w, high)
            parts.append(Reading(box, found.text, found.confidence, 0, found.columns))
        better = min(part.confidence for part in parts) > reading.confidence - 0.05
        both = all(len(part.text) > 1 for part in parts)
        return parts if both and better else [reading]

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


def _components(
    chart: npt.NDArray[np.float32], threshold: float, corner: tuple[int, int] = (0, 0)
) -> list[tuple[Box, int, float]]:
    """Connected pieces of the text map: box, area, mean value.

    A piece too thick for a line of text is anatomy, or text grown together with it: it is
    cut again at a higher threshold, and dropped when that does not help.
    """
    mask = cv2.dilate((chart > threshold).astype(np.uint8), np.ones((2, 2), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    found: list[tuple[Box, int, float]] = []
    for label in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[label])
        if min(w, h) < 3:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = labels[window] == label
        if min(w, h) > THICK:
            if threshold < 0.9:
                piece = np.where(own, chart[window], 0).astype(np.float32)
                place = (corner[0] + x, corner[1] + y)
                found += _components(piece, threshold + 0.3, place)
            continue
        score = float(chart[window][own].mean())
        if score >= BOX_THRESHOLD:
            found.append(((corner[0] + x, corner[1] + y, w, h), area, score))
    return found


def _network_input(picture: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """(1, 3, rows, columns), blue green red, -1 to 1."""
    values = picture.astype(np.float32) / 127.5 - 1
    planes = np.stack([values] * 3) if values.ndim == 2 else values[:, :, ::-1].transpose(2, 0, 1)
    return np.ascontiguousarray(planes[None], np.float32)


@lru_cache(maxsize=2)
def shared_reader(threads: int) -> RapidReader:
    """One reader per process and number of threads."""
    return RapidReader(threads)
