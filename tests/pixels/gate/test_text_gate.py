"""The gate passes pictures with text of any size, and stops tissue, noise and smooth pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.text_gate import can_hold_text, find_fine_cells, find_text_cells
from tests.pixels.drawn_text import draw_text


def picture_of(name: str, text: str = "") -> FramePicture:
    path = get_testdata_file(name)
    source = FrameSource.from_bytes(open(path, "rb").read())
    values = np.array(source.read_frame(0))
    if text:
        ink = np.zeros(values.shape, np.uint8)
        cv2.putText(ink, text, (4, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.35, 255, 1)
        values[ink > 0] = values.max()
    return frame_groups.render_frame(values, source.info, (0,))


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm"])
def test_fine_tissue_is_stopped_and_text_over_it_passes(name: str) -> None:
    plain = picture_of(name)
    assert find_fine_cells(plain.full_range).any()
    assert not plain.can_hold_text()
    assert picture_of(name, "HOLM A").can_hold_text()


def test_the_network_only_removes_fine_cells() -> None:
    shown = picture_of("CT_small.dcm", "DOB 1951").full_range
    cells = find_text_cells(shown)
    assert cells.any()
    assert not (cells & ~find_fine_cells(shown)).any()


def test_noise_has_fine_cells_but_no_text_cells() -> None:
    noise = np.random.default_rng(5).normal(120, 40, (256, 256)).clip(0, 255).astype(np.uint8)
    assert find_fine_cells(noise).any()
    assert not find_text_cells(noise).any()


@pytest.mark.parametrize("size", [7, 12, 24, 48])
@pytest.mark.parametrize("ink", [255, 0])
def test_text_of_every_size_passes_the_gate(size: int, ink: int) -> None:
    assert can_hold_text(draw_text("SMITH 1234", size, width=900, height=140, ink=ink))


def test_a_smooth_picture_cannot_hold_text() -> None:
    smooth = np.fromfunction(lambda y, x: (x + y) / 4, (256, 256)).astype(np.uint8)
    assert not can_hold_text(smooth)
    assert not can_hold_text(np.zeros((64, 64), np.uint8))
