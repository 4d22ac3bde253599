"""The cells of the gate, and the rectangles and tiles that cover them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.crop_regions import select_crop_regions
from safelight.pixels.gate.text_gate import find_text_cells
from safelight.pixels.thresholds import GATE_CELL_PIXELS as CELL


def film(side: int = 1600) -> np.ndarray:
    """Smooth anatomy with a small text in a corner."""
    y, x = np.mgrid[0:side, 0:side] / side
    canvas = Image.fromarray((90 + 60 * np.sin(5 * x) * np.cos(4 * y)).astype(np.uint8))
    ImageDraw.Draw(canvas).text(
        (side - 180, side - 40), "SEXTON 48213", fill=255, font=ImageFont.load_default(10)
    )
    return np.asarray(canvas)


def test_only_the_place_of_the_text_is_marked() -> None:
    picture = film()
    cells = find_text_cells(picture)
    boxes = select_crop_regions(cells, *picture.shape)
    assert cells.mean() < 0.01
    assert any(x <= 1420 and y <= 1562 and x + w >= 1480 and y + h >= 1570 for x, y, w, h in boxes)


@pytest.mark.parametrize("ink", [(255, 255, 0), (0, 0, 255), (255, 0, 0)])
@pytest.mark.parametrize("paper", [(0, 0, 0), (255, 255, 255)])
def test_text_in_pure_colors_is_marked(ink: tuple[int, ...], paper: tuple[int, ...]) -> None:
    canvas = Image.new("RGB", (320, 64), paper)
    ImageDraw.Draw(canvas).text((20, 20), "SEXTON 48213", ink, ImageFont.load_default(14))
    assert find_text_cells(np.asarray(canvas)).any()


@given(st.lists(st.lists(st.booleans(), min_size=9, max_size=9), min_size=7, max_size=7))
def test_every_marked_cell_is_covered_and_no_area_overlaps_another(rows: list[list[bool]]) -> None:
    cells = np.array(rows)
    seen = np.zeros((7 * CELL, 9 * CELL), int)
    for x, y, w, h in select_crop_regions(cells, *seen.shape):
        assert w > 0 and h > 0
        seen[y : y + h, x : x + w] += 1
    marked = np.kron(cells, np.ones((CELL, CELL), bool))
    assert (seen[marked] >= 1).all() and seen.max(initial=0) <= 1
