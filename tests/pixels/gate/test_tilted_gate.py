from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.pixels.gate.text_gate import can_hold_text
from safelight.pixels.gate.tilted_gate import find_tilted_cells
from safelight.pixels.models import Picture
from tests.pixels.drawn_text import draw_text


def draw_tilted(angle: float, side: int = 512) -> Picture:
    level = draw_text("HARTWELL AGNES 76968866", 18, side, side)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1)
    turned = cv2.warpAffine(level, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


@pytest.mark.parametrize("angle", [-50, -35, 35, 45, 60])
def test_tilted_text_is_seen_in_its_place(angle: int) -> None:
    picture = draw_tilted(angle)
    cells = find_tilted_cells(picture)
    assert cells.any()
    ink = picture > 128
    wide = np.kron(cells, np.ones((16, 16), bool))[:512, :512]
    assert cv2.dilate(wide.astype(np.uint8), np.ones((33, 33)))[ink].mean() > 0.9


def test_the_gate_does_not_see_text_of_45_degrees() -> None:
    assert not can_hold_text(draw_tilted(45))


def test_a_picture_of_noise_has_no_tilted_text() -> None:
    noise = np.random.default_rng(0).normal(100, 20, (300, 400)).clip(0, 255).astype(np.uint8)
    assert not find_tilted_cells(noise).any()
