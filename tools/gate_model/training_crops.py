"""Training crops: squares with and without text, and the label of each of their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.low_contrast import render_inks, render_local_contrast
from safelight.pixels.gate.windowing import render_strokes
from tools.gate_model.backgrounds import GreyImage, make_background

#: Left, top, right and bottom edge in pixels.
Edges = tuple[int, int, int, int]

#: Sides of a crop and of its cells.
CROP_PIXELS, CELL_PIXELS = 192, 8
#: Labels of a cell: no text, text, and not enough text for a decision.
NO_TEXT, TEXT, UNSURE = 0, 1, 2
#: Smallest visible contrast of a stroke: in levels, and as a multiple of the noise around it.
_MIN_CONTRAST_LEVELS, _MIN_CONTRAST_PER_NOISE = 9.0, 2.2
#: Share of a cell that visible text must cover.
_MIN_TEXT_SHARE = 0.3
#: Share of inked pixels from which a cell counts as text after the inks are separated.
_MIN_INK_SHARE = 0.12
#: Longest word whose cells are labelled as not sure.
_MAX_SHORT_WORD_CHARACTERS = 2
_BITMAP_FONT_PIXELS = 11

_ALPHABETS = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "0123456789/.-:",
    "АБВГДЕЖЗИКЛМНОПРСТУФХЧШЫЯабвгдежзиклмнопрстухчшыя", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξ",
    "ÄÖÜäöüßÉéèàçñåøł", "张伟王芳李娜陈敏山田太郎鈴木花子病院医生日月年男女検査",
    "김민수이영희박지훈병원",
    "محمدأحمدفاطمةعليحسن", "אבגדהוזחטיכלמנסעפצקרשת",
)  # fmt: skip
#: Number of alphabets at the start that are Latin.
_LATIN_ALPHABETS = 4
_WORDS = (
    "Name", "ID", "DOB", "Sex", "Age", "Acc", "MRN", "Hospital", "Study", "Date", "Time", "Dr",
    "Se", "Im", "kV", "mA", "mm", "cm", "TR", "TE", "FOV", "L", "R", "Patient", "Klinik", "Zoom",
)  # fmt: skip


@dataclass(frozen=True)
class Fonts:
    """Files of scalable fonts. Without any, the font of Pillow is used.

    Attributes
    ----------
    latin : sequence of str
        Fonts for Latin letters.
    wide : sequence of str
        Fonts for other scripts.
    """

    latin: Sequence[str]
    wide: Sequence[str]


def make_crop(
    random: np.random.Generator, pictures: Sequence[npt.NDArray[np.uint8]], fonts: Fonts
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return a crop and the labels of its cells.

    Parameters
    ----------
    random : Generator
    pictures : sequence of ndarray
        Pictures without text, for backgrounds.
    fonts : Fonts

    Returns
    -------
    tuple of ndarray
        (CROP_PIXELS, CROP_PIXELS) grey, and (CROP_PIXELS / CELL_PIXELS,) * 2 labels.
    """
    square = make_background(random, pictures, CROP_PIXELS)
    labels = np.full((CROP_PIXELS // CELL_PIXELS, CROP_PIXELS // CELL_PIXELS), NO_TEXT, np.uint8)
    if random.random() < 0.6:
        ink, boxes, short_boxes = _draw_text(random, fonts)
        square = _put_text(random, square, ink, boxes, labels)
        for box in short_boxes:
            _label_box(labels, box, UNSURE, 0.0)
    values = np.clip(square, 0, 255)
    if random.random() < 0.15:
        values = compress_jpeg(random, values)
    return _render(random, values, labels), labels


def compress_jpeg(random: np.random.Generator, values: GreyImage) -> GreyImage:
    """Return a picture after JPEG compression of a random quality."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 95))]
    _, encoded = cv2.imencode(".jpg", np.rint(values).astype(np.uint8), quality)
    decoded = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
    return np.asarray(decoded, np.float32)


def _render(
    random: np.random.Generator, values: GreyImage, labels: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return one of the renderings that the gate uses, and adapt the labels to it."""
    rendered = np.rint(values).astype(np.uint8)
    kind = random.random()
    if kind < 0.10:
        return render_local_contrast(values, rendered)[0] if values.std() else rendered
    if kind < 0.16:
        return render_strokes(rendered)
    if kind < 0.22:
        inks = render_inks(rendered, rendered)
        if inks:
            rendered = inks[0]
            labels[labels == TEXT] = UNSURE  # the text may have another ink
            _restore_inked_labels(labels, rendered)
    return rendered


def _draw_text(
    random: np.random.Generator, fonts: Fonts
) -> tuple[GreyImage, list[Edges], list[Edges]]:
    """Return lines of text as ink from 0 to 1, the boxes of words, and those of short words."""
    canvas = Image.new("L", (CROP_PIXELS, CROP_PIXELS), 0)
    draw = ImageDraw.Draw(canvas)
    size = int(np.exp(random.uniform(np.log(6.5), np.log(24))))
    is_latin = random.random() < 0.85
    if random.random() < 0.2:
        draw.fontmode = "1"
    is_plotted = is_latin and random.random() < 0.15
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont
    if is_latin and random.random() < 0.1:
        font = ImageFont.load_default_imagefont()
        size = _BITMAP_FONT_PIXELS
    else:
        names = fonts.latin if is_latin else fonts.wide
        if names:
            font = ImageFont.truetype(names[int(random.integers(len(names)))], size)
        else:
            font = ImageFont.load_default(size)
    boxes: list[Edges] = []
    short_boxes: list[Edges] = []
    left, y = int(random.integers(-20, 120)), int(random.integers(-6, CROP_PIXELS - 8))
    for _ in range(random.choice([1, 1, 2, 3, 5])):
        x = left
        for _ in range(random.choice([1, 2, 3, 4])):
            word = _make_word(random, is_latin)
            if is_plotted:
                box = _plot_word(random, canvas, word, (x, y), size)
            else:
                try:
                    draw.text((x, y), word, fill=255, font=font)
                    edges = draw.textbbox((x, y), word, font=font)
                except UnicodeEncodeError:
                    continue
                box = (int(edges[0]), int(edges[1]), int(edges[2]), int(edges[3]))
            is_short = len(word) <= _MAX_SHORT_WORD_CHARACTERS
            (short_boxes if is_short else boxes).append(box)
            x = box[2] + max(2, size // 3)
        y += round(size * random.uniform(1.1, 1.8))
    return _transform_ink(random, np.asarray(canvas, np.float32) / 255, boxes, short_boxes)


def _plot_word(
    random: np.random.Generator,
    canvas: Image.Image,
    word: str,
    position: tuple[int, int],
    size: int,
) -> Edges:
    """Draw a word in a stroke font and return its box."""
    x, y = position
    scale = size / 28
    (width, height), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    array = np.array(canvas)
    font = int(random.choice([0, 1, 2, 3]))
    cv2.putText(array, word, (x, y + height), font, scale, 255, 1, cv2.LINE_AA)
    canvas.paste(Image.fromarray(array))
    return x, y, x + width, y + height


def _transform_ink(
    random: np.random.Generator, ink: GreyImage, boxes: list[Edges], short_boxes: list[Edges]
) -> tuple[GreyImage, list[Edges], list[Edges]]:
    """Return ink and boxes after a dot pattern, a rotation or smoothing, or the same."""
    if random.random() < 0.08:
        ink = ink * (np.indices(ink.shape).sum(0) % 2 == 0)
    quarters = int(random.choice([0, 0, 0, 0, 1, 2, 3]))
    if quarters:
        ink = np.rot90(ink, quarters)
        boxes = [rotate_box(box, quarters) for box in boxes]
        short_boxes = [rotate_box(box, quarters) for box in short_boxes]
    elif random.random() < 0.1:
        centre = (CROP_PIXELS / 2, CROP_PIXELS / 2)
        rotation = cv2.getRotationMatrix2D(centre, random.uniform(-6, 6), 1)
        size = (CROP_PIXELS, CROP_PIXELS)
        ink = cv2.warpAffine(np.ascontiguousarray(ink), rotation, size)
    if random.random() < 0.15:
        ink = cv2.GaussianBlur(np.ascontiguousarray(ink), (0, 0), random.uniform(0.3, 0.9))
    return np.ascontiguousarray(ink), boxes, short_boxes


def _make_word(random: np.random.Generator, is_latin: bool) -> str:
    """Return a usual word of a header or random letters of one alphabet."""
    if is_latin and random.random() < 0.25:
        return str(_WORDS[random.integers(len(_WORDS))]) + str(random.choice(["", ":", "", "="]))
    if is_latin:
        alphabet = _ALPHABETS[random.integers(_LATIN_ALPHABETS)]
    else:
        alphabet = _ALPHABETS[random.integers(_LATIN_ALPHABETS, len(_ALPHABETS))]
    count = random.integers(2, 10)
    word = "".join(alphabet[random.integers(len(alphabet))] for _ in range(count))
    return word.capitalize() if random.random() < 0.3 else word


def make_line(random: np.random.Generator, is_latin: bool) -> str:
    """Return a line of words, of which a label and a number are typical."""
    return " ".join(_make_word(random, is_latin) for _ in range(random.choice([1, 2, 2, 3])))


def rotate_box(box: Edges, quarters: int) -> Edges:
    """Return a box after a rotation of the crop by quarter turns."""
    left, top, right, bottom = box
    for _ in range(quarters):
        left, top, right, bottom = top, CROP_PIXELS - right, bottom, CROP_PIXELS - left
    return left, top, right, bottom


def _put_text(
    random: np.random.Generator,
    square: GreyImage,
    ink: GreyImage,
    boxes: Sequence[Edges],
    labels: npt.NDArray[np.uint8],
) -> GreyImage:
    """Return the background with the text in a random contrast, and label the cells of the text.

    Parameters
    ----------
    random : Generator
    square : ndarray
        Background. It may be changed.
    ink : ndarray
        Ink from 0 to 1.
    boxes : sequence of Edges
        Boxes of words.
    labels : ndarray
        Labels of the cells, which are changed.
    """
    level = _choose_level(random, square, ink)
    if random.random() < 0.12:  # outlined
        outline = cv2.dilate(ink, np.ones((3, 3), np.uint8))
        square = square * (1 - outline) + outline * (0 if level > 128 else 255)
    if random.random() < 0.08:  # on a plain rectangle
        for left, top, right, bottom in boxes:
            square[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = 255 - level
    written = square * (1 - ink) + level * ink
    noise = np.abs(square - cv2.GaussianBlur(square, (0, 0), 2))
    for box in boxes:
        left, top, right, bottom = (max(0, edge) for edge in box)
        rows, columns = slice(top, bottom), slice(left, right)
        box_ink = ink[rows, columns]
        if box_ink.size == 0 or box_ink.max() < 0.3:
            continue
        difference = np.abs(written[rows, columns] - square[rows, columns])
        contrast = float(difference[box_ink > 0.3].mean())
        box_noise = float(noise[rows, columns].mean())
        edges = (left, top, right, bottom)
        if contrast >= max(_MIN_CONTRAST_LEVELS, _MIN_CONTRAST_PER_NOISE * box_noise):
            _label_box(labels, edges, TEXT, _MIN_TEXT_SHARE)
        else:
            _label_box(labels, edges, UNSURE, 0.0)
    return np.asarray(written, np.float32)


def _choose_level(random: np.random.Generator, square: GreyImage, ink: GreyImage) -> float:
    """Return the grey level of the text."""
    under = square if ink.max() == 0 else square[ink > 0.5]
    middle = float(np.median(under)) if under.size else 128.0
    kind = random.random()
    if kind < 0.45:
        return 255.0 if middle < 170 else 0.0
    if kind < 0.55:
        return 0.0 if middle > 60 else 255.0
    step = random.uniform(12, 120)
    return middle + step if middle + step < 255 else middle - step


def _label_box(labels: npt.NDArray[np.uint8], box: Edges, label: int, share: float) -> None:
    """Label the cells of a box.

    Parameters
    ----------
    labels : ndarray
        Labels of the cells, which are changed.
    box : Edges
    label : int
        Label of the cells that the box covers by a share; the other cells that it touches are
        not sure.
    share : float
        Share of the area that the box can cover of one cell.
    """
    left, top, right, bottom = box
    full = CELL_PIXELS * min(CELL_PIXELS, max(1, bottom - top, right - left))
    for row in range(max(0, top // CELL_PIXELS), min(labels.shape[0], -(-bottom // CELL_PIXELS))):
        for column in range(
            max(0, left // CELL_PIXELS), min(labels.shape[1], -(-right // CELL_PIXELS))
        ):
            height = min(bottom, (row + 1) * CELL_PIXELS) - max(top, row * CELL_PIXELS)
            width = min(right, (column + 1) * CELL_PIXELS) - max(left, column * CELL_PIXELS)
            is_covered = height > 0 and width > 0 and height * width >= share * full
            if is_covered and labels[row, column] != TEXT:
                labels[row, column] = label
            elif labels[row, column] == NO_TEXT:
                labels[row, column] = UNSURE


def _restore_inked_labels(labels: npt.NDArray[np.uint8], rendered: npt.NDArray[np.uint8]) -> None:
    """Label the cells as text again in which the rendered ink is."""
    shape = (labels.shape[0], CELL_PIXELS, labels.shape[1], CELL_PIXELS)
    ink_share = (rendered > 0).reshape(shape).mean(axis=(1, 3))
    labels[(labels == UNSURE) & (ink_share > _MIN_INK_SHARE)] = TEXT
