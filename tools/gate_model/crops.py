"""Squares with and without text, and where in them it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.low_contrast import render_faint_strokes, render_inks
from safelight.pixels.gate.windowing import render_strokes
from tools.gate_model.grounds import Grey, ground

#: Side of a square and of the places that are told apart in it, in pixels.
SIDE, PLACE = 192, 8
#: Values of a place: no text, text, and too little of it to tell.
NONE, TEXT, UNSURE = 0, 1, 2
#: Contrast of a stroke to what is around it that can be seen: levels, and of the grain there.
LEAST, GRAIN = 9.0, 2.2

_SIGNS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "0123456789/.-:",
    "АБВГДЕЖЗИКЛМНОПРСТУФХЧШЫЯабвгдежзиклмнопрстухчшыя", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξ",
    "ÄÖÜäöüßÉéèàçñåøł", "张伟王芳李娜陈敏山田太郎鈴木花子病院医生日月年男女検査",
    "김민수이영희박지훈병원",
    "محمدأحمدفاطمةعليحسن", "אבגדהוזחטיכלמנסעפצקרשת",
)  # fmt: skip
_LATIN = 4
_WORDS = (
    "Name", "ID", "DOB", "Sex", "Age", "Acc", "MRN", "Hospital", "Study", "Date", "Time", "Dr",
    "Se", "Im", "kV", "mA", "mm", "cm", "TR", "TE", "FOV", "L", "R", "Patient", "Klinik", "Zoom",
)  # fmt: skip


@dataclass(frozen=True)
class Fonts:
    """Files of scalable fonts for Latin letters, and for all others; Pillow's own without any."""

    latin: Sequence[str]
    wide: Sequence[str]


def crop(
    random: np.random.Generator, real: Sequence[npt.NDArray[np.uint8]], fonts: Fonts
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """A square picture and the value of each of its places.

    Returns
    -------
    tuple of ndarray
        (SIDE, SIDE) grey, and (SIDE / PLACE, SIDE / PLACE).
    """
    square = ground(random, real, SIDE)
    truth = np.full((SIDE // PLACE, SIDE // PLACE), NONE, np.uint8)
    if random.random() < 0.6:
        ink, boxes, short = _layer(random, fonts)
        square = _written(random, square, ink, boxes, truth)
        for box in short:
            _mark(truth, box, UNSURE, 0.0)
    values = np.clip(square, 0, 255)
    if random.random() < 0.15:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 95))]
        _, coded = cv2.imencode(".jpg", np.rint(values).astype(np.uint8), quality)
        values = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE).astype(np.float32)
    shown = np.rint(values).astype(np.uint8)
    kind = random.random()
    if kind < 0.10:
        shown = render_faint_strokes(values)[0] if values.std() else shown
    elif kind < 0.16:
        shown = render_strokes(shown)
    elif kind < 0.22:
        hidden = render_inks(shown, shown)
        if hidden:
            shown = hidden[0]
            truth[truth == TEXT] = UNSURE  # its ink may be another one
            _sure(truth, shown)
    return shown, truth


def _layer(
    random: np.random.Generator, fonts: Fonts
) -> tuple[Grey, list[tuple[int, int, int, int]], list[tuple[int, int, int, int]]]:
    """Lines of text: ink 0 to 1, boxes of words, boxes of words of one or two signs."""
    canvas = Image.new("L", (SIDE, SIDE), 0)
    draw = ImageDraw.Draw(canvas)
    size = int(np.exp(random.uniform(np.log(6.5), np.log(24))))
    latin = random.random() < 0.85
    if random.random() < 0.2:
        draw.fontmode = "1"
    plotter = latin and random.random() < 0.15
    if latin and random.random() < 0.1:
        font = ImageFont.load_default_imagefont()
        size = 11
    else:
        names = fonts.latin if latin else fonts.wide
        font = (
            ImageFont.truetype(names[random.integers(len(names))], size)
            if names
            else ImageFont.load_default(size)
        )
    boxes, short = [], []
    x0, y = int(random.integers(-20, 120)), int(random.integers(-6, SIDE - 8))
    for _ in range(random.choice([1, 1, 2, 3, 5])):
        x = x0
        for _ in range(random.choice([1, 2, 3, 4])):
            word = _word(random, latin)
            if plotter:
                scale = size / 28
                (wide, high), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
                array = np.array(canvas)
                kind = int(random.choice([0, 1, 2, 3]))
                cv2.putText(array, word, (x, y + high), kind, scale, 255, 1, cv2.LINE_AA)
                canvas.paste(Image.fromarray(array))
                box = (x, y, x + wide, y + high)
            else:
                try:
                    draw.text((x, y), word, fill=255, font=font)
                    box = tuple(int(v) for v in draw.textbbox((x, y), word, font=font))
                except UnicodeEncodeError:
                    continue
            (boxes if len(word) > 2 else short).append(box)
            x = box[2] + max(2, size // 3)
        y += round(size * random.uniform(1.1, 1.8))
    ink = np.asarray(canvas, np.float32) / 255
    if random.random() < 0.08:  # dots
        ink = ink * (np.indices(ink.shape).sum(0) % 2 == 0)
    quarter = int(random.choice([0, 0, 0, 0, 1, 2, 3]))
    if quarter:
        ink = np.rot90(ink, quarter)
        boxes, short = ([_turned(b, quarter) for b in own] for own in (boxes, short))
    elif random.random() < 0.1:
        turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), random.uniform(-6, 6), 1)
        ink = cv2.warpAffine(np.ascontiguousarray(ink), turn, (SIDE, SIDE))
    if random.random() < 0.15:
        ink = cv2.GaussianBlur(np.ascontiguousarray(ink), (0, 0), random.uniform(0.3, 0.9))
    return np.ascontiguousarray(ink), boxes, short


def _word(random: np.random.Generator, latin: bool) -> str:
    if latin and random.random() < 0.25:
        return str(_WORDS[random.integers(len(_WORDS))]) + str(random.choice(["", ":", "", "="]))
    signs = _SIGNS[random.integers(_LATIN) if latin else random.integers(_LATIN, len(_SIGNS))]
    chosen = "".join(signs[random.integers(len(signs))] for _ in range(random.integers(2, 10)))
    return chosen.capitalize() if random.random() < 0.3 else chosen


def _turned(box: tuple[int, int, int, int], quarter: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    for _ in range(quarter):
        left, top, right, bottom = top, SIDE - right, bottom, SIDE - left
    return left, top, right, bottom


def _written(
    random: np.random.Generator,
    square: Grey,
    ink: Grey,
    boxes: Sequence[tuple[int, int, int, int]],
    truth: npt.NDArray[np.uint8],
) -> Grey:
    """The text on its ground, in a contrast from hardly any to all; its places are noted."""
    near = square if ink.max() == 0 else square[ink > 0.5]
    middle = float(np.median(near)) if near.size else 128.0
    way = random.random()
    if way < 0.45:
        level = 255.0 if middle < 170 else 0.0
    elif way < 0.55:
        level = 0.0 if middle > 60 else 255.0
    else:
        step = random.uniform(12, 120)
        level = middle + step if middle + step < 255 else middle - step
    if random.random() < 0.12:  # outlined
        around = cv2.dilate(ink, np.ones((3, 3), np.uint8))
        square = square * (1 - around) + around * (0 if level > 128 else 255)
    if random.random() < 0.08:  # on a plate of its own
        for left, top, right, bottom in boxes:
            square[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = 255 - level
    written = square * (1 - ink) + level * ink
    grain = np.abs(square - cv2.GaussianBlur(square, (0, 0), 2))
    for box in boxes:
        left, top, right, bottom = (max(0, v) for v in box)
        own = ink[top:bottom, left:right]
        if own.size == 0 or own.max() < 0.3:
            continue
        under = square[top:bottom, left:right]
        contrast = float(np.abs(written[top:bottom, left:right] - under)[own > 0.3].mean())
        seen = contrast >= max(LEAST, GRAIN * float(grain[top:bottom, left:right].mean()))
        _mark(truth, (left, top, right, bottom), TEXT if seen else UNSURE, 0.3 if seen else 0.0)
    return np.asarray(written, np.float32)


def _mark(
    truth: npt.NDArray[np.uint8], box: tuple[int, int, int, int], value: int, share: float
) -> None:
    """Note a box: the places that it covers by a share, and the others as not to be told."""
    left, top, right, bottom = box
    full = PLACE * min(PLACE, max(1, bottom - top, right - left))
    for row in range(max(0, top // PLACE), min(truth.shape[0], -(-bottom // PLACE))):
        for column in range(max(0, left // PLACE), min(truth.shape[1], -(-right // PLACE))):
            high = min(bottom, (row + 1) * PLACE) - max(top, row * PLACE)
            wide = min(right, (column + 1) * PLACE) - max(left, column * PLACE)
            enough = high > 0 and wide > 0 and high * wide >= share * full
            if enough and truth[row, column] != TEXT:
                truth[row, column] = value
            elif truth[row, column] == NONE:
                truth[row, column] = UNSURE


def _sure(truth: npt.NDArray[np.uint8], shown: npt.NDArray[np.uint8]) -> None:
    """Places of text of which the ink is shown are text again."""
    per = (shown > 0).reshape(truth.shape[0], PLACE, truth.shape[1], PLACE).mean(axis=(1, 3))
    truth[(truth == UNSURE) & (per > 0.12)] = TEXT
