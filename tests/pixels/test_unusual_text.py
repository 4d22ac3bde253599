"""Text that is hard to read, through the whole de-identification of an object without a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks.burned_in.drawing import draw_dots, draw_segments
from safelight import Deidentifier
from tests.pixels.objects import native_object

Picture = npt.NDArray[np.uint8]
SIDE = 512
ROWS = ("HARTWELL AGNES", "76968866", "03/06/1951")
OTHER_ROWS = ("OKONKWO NADIA", "25826780", "28/02/1962")


@pytest.fixture(scope="module")
def deidentifier() -> Deidentifier:
    return Deidentifier("research", key=bytes(range(32)), text=False)


def draw_rows(
    rows: Sequence[str],
    size: int,
    place: tuple[int, int] = (10, 10),
    side: int = SIDE,
    font: str = "DejaVuSans.ttf",
) -> Picture:
    """Return the ink of some rows, 0 to 255."""
    canvas = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(canvas)
    chosen = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    for number, row in enumerate(rows):
        draw.text((place[0], place[1] + number * round(size * 1.5)), row, 255, chosen)
    return np.asarray(canvas)


def draw_on(make: Callable[[Image.Image], None]) -> Picture:
    """Return the ink that a function draws."""
    canvas = Image.new("L", (SIDE, SIDE), 0)
    make(canvas)
    return np.asarray(canvas)


def draw_stacked(rows: Sequence[str], size: int) -> Picture:
    """Return the ink of texts whose letters are below each other, each text in a column."""
    canvas = Image.new("L", (SIDE, SIDE), 0)
    font = ImageFont.truetype("DejaVuSans.ttf", size)
    for column, row in enumerate(rows):
        for number, letter in enumerate(row):
            place = (20 + column * 60, 10 + number * round(size * 1.25))
            ImageDraw.Draw(canvas).text(place, letter, 255, font)
    return np.asarray(canvas)


def draw_tilted(rows: Sequence[str], size: int, degrees: float) -> Picture:
    """Return the ink of rows in the middle of the picture, turned counterclockwise."""
    ink = draw_rows(rows, size, (SIDE // 2 - 100, SIDE // 2 - 40))
    matrix = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(ink, matrix, (SIDE, SIDE)), np.uint8)


def draw_handwriting(rows: Sequence[str]) -> Picture:
    """Return the ink of rows in a script font, whose strokes are bent at random."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    for number, row in enumerate(rows):
        cv2.putText(
            ink, row, (20, 60 + 42 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1, 255, 2, 16
        )
    noise = np.random.default_rng(1).normal(0, 1, (2, SIDE, SIDE)).astype(np.float32)
    bent = [24 * cv2.GaussianBlur(one, (0, 0), 9) for one in noise]
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    return np.asarray(cv2.remap(ink, x + bent[0], y + bent[1], cv2.INTER_LINEAR), np.uint8)


def draw_phantom(side: int) -> npt.NDArray[np.float32]:
    """Return a picture of an organ with noise."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    inside = (x / 0.8) ** 2 + (y / 0.65) ** 2 < 1
    organ = np.where(inside, 70 + 25 * np.sin(6 * x) * np.cos(5 * y), 8)
    noise = np.random.default_rng(2).normal(0, 4, (side, side))
    return np.clip(organ + noise, 0, 250).astype(np.float32)


def find_visible_ink(deidentifier: Deidentifier, inks: Sequence[Picture]) -> float:
    """Return the share of the ink that the de-identified frames still show."""
    side = len(inks[0])
    behind = draw_phantom(side)
    frames = [(behind * (1 - ink / 255.0) + 250 * (ink / 255.0)).astype(np.uint8) for ink in inks]
    more = {"NumberOfFrames": len(frames)} if len(frames) > 1 else {}
    data = native_object(
        b"".join(frame.tobytes() for frame in frames),
        Rows=side, Columns=side, Modality="OT", PatientName="", PatientID="X1", **more,
    )  # fmt: skip
    result = deidentifier.deidentify(data)
    assert result.data is not None, result.reason_code
    shown = pydicom.dcmread(BytesIO(result.data)).pixel_array.reshape(-1, side, side)
    visible = [(before == after)[ink > 100] for before, after, ink in zip(frames, shown, inks)]
    return float(np.concatenate(visible).mean())


@pytest.mark.parametrize(
    "ink",
    [
        pytest.param(draw_rows(ROWS, 6, font=""), id="tiny"),
        pytest.param(draw_rows(OTHER_ROWS, 6, font=""), id="tiny, read in both directions"),
        pytest.param(draw_rows(ROWS, 7, font="DejaVuSansMono.ttf"), id="small"),
        pytest.param(
            draw_on(lambda canvas: draw_segments(canvas, "03-06-1951", 20, 56, 18)), id="segments"
        ),
        pytest.param(draw_on(lambda canvas: draw_dots(canvas, ROWS[0], 20, 30, 16)), id="dots"),
        pytest.param(draw_handwriting(ROWS), id="handwriting"),
        pytest.param(np.rot90(draw_rows(ROWS, 16), 1), id="turned by 90 degrees"),
        pytest.param(np.rot90(draw_rows(ROWS, 16), 2), id="turned by 180 degrees"),
        pytest.param(draw_rows(ROWS, 16)[:, ::-1], id="mirrored"),
        pytest.param(draw_rows(ROWS, 16)[::-1], id="upside down and mirrored"),
        pytest.param(draw_tilted(ROWS, 18, 12), id="tilted by 12 degrees"),
        pytest.param(draw_tilted(ROWS, 18, -30), id="tilted by 30 degrees"),
        pytest.param(draw_tilted(ROWS, 16, 45), id="tilted by 45 degrees"),
        pytest.param(draw_tilted(ROWS, 16, 62), id="tilted by 62 degrees"),
        pytest.param(draw_stacked(("OKONKWO", "25826780", "28/02/1962"), 14), id="stacked"),
        pytest.param(draw_rows(["Соколов Дмитрий"], 18), id="Cyrillic"),
        pytest.param(draw_rows(["محمد عبد الله حسن"], 18), id="Arabic"),
        pytest.param(draw_rows(["דוד כהן לוי"], 18), id="Hebrew"),
    ],
)
def test_text_that_is_hard_to_read_is_hidden(deidentifier: Deidentifier, ink: Picture) -> None:
    assert find_visible_ink(deidentifier, [np.ascontiguousarray(ink)]) < 0.05


def test_text_in_the_last_frame_is_hidden(deidentifier: Deidentifier) -> None:
    empty = np.zeros((SIDE, SIDE), np.uint8)
    assert find_visible_ink(deidentifier, [*[empty] * 5, draw_rows(ROWS, 14)]) < 0.05


def test_text_that_moves_is_hidden_in_each_frame(deidentifier: Deidentifier) -> None:
    ink = draw_rows(ROWS, 14)
    moved = [np.roll(ink, (14 * step, 23 * step), (0, 1)) for step in range(4)]
    assert find_visible_ink(deidentifier, moved) < 0.05


def test_text_of_several_screens_in_one_picture_is_hidden(deidentifier: Deidentifier) -> None:
    one, other = draw_rows(ROWS, 12, side=256), draw_rows(OTHER_ROWS, 12, side=256)
    ink = np.vstack([np.hstack([one, other]), np.hstack([other, one])])
    assert find_visible_ink(deidentifier, [ink]) < 0.05


def test_terms_that_are_tilted_are_kept_and_an_upright_name_next_to_them_is_hidden(
    deidentifier: Deidentifier,
) -> None:
    terms = draw_tilted(("CHEST PA", "ERECT"), 18, 40)
    assert find_visible_ink(deidentifier, [terms]) > 0.95
    both = np.maximum(terms, draw_rows(ROWS, 16))
    assert 0.1 < find_visible_ink(deidentifier, [both]) < 0.6
