"""Places of faint text in a frame, at several scales."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.faint_text import cut_places, find_faint_cells, rate_faint_text
from safelight.pixels.geometry import Box


@pytest.mark.parametrize("size", [12, 22, 36])
def test_small_and_large_letters_are_seen(size: int) -> None:
    values = np.random.default_rng(3).normal(120, 1.5, (256, 512))
    canvas = Image.new("1", (512, 256))
    ImageDraw.Draw(canvas).text((40, 100), "SEXTON 48213", 1, ImageFont.load_default(size))
    values[np.array(canvas)] = 128
    cells = find_faint_cells(rate_faint_text(np.rint(values).astype(np.uint8)))
    assert cells[100 // 16 : 1 + (100 + size) // 16, 3:7].any(axis=0).all()


def test_a_cell_alone_is_no_word() -> None:
    faint = np.full((40, 40), -5, np.float32)
    faint[4:8, 4:8] = 5
    assert not find_faint_cells(faint).any()
    faint[4:8, 4:20] = 5
    assert find_faint_cells(faint)[1, 1:5].all()


def test_an_area_has_the_places_that_it_covers() -> None:
    faint = np.arange(200, dtype=np.float32).reshape(10, 20)
    assert cut_places(faint, Box(9, 4, 30, 15)).shape == (4, 8)
    assert cut_places(faint, Box(8, 4, 16, 8)).tolist() == faint[1:3, 2:6].tolist()
