"""Black is what the photometric interpretation shows as black, inside the boxes only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.luts import Lut
from safelight.pixels.geometry import Box
from safelight.pixels.redact.painting import (
    Fill,
    black_and_white,
    covered_pixels,
    draw_letters,
    paint_boxes,
)

INFO = PixelInfo(
    transfer_syntax="1.2.840.10008.1.2.1",
    sop_class="",
    modality="OT",
    kind="integer",
    rows=40,
    columns=60,
    samples=1,
    photometric="MONOCHROME2",
    planar=0,
    bits_allocated=16,
    bits_stored=12,
    high_bit=11,
    signed=False,
    frames=1,
)


def info(**changes: Any) -> PixelInfo:
    return replace(INFO, **changes)


GREY = np.arange(2400, dtype=np.uint16).reshape(40, 60)


@pytest.mark.parametrize(
    ("values", "header", "black", "white"),
    [
        # At the ends of what it uses, so that viewers which window by these show it as before.
        (GREY, info(), 0, 2399),
        (GREY + 1, info(photometric="MONOCHROME1"), 2400, 1),
        (GREY, info(photometric="MONOCHROME1", bits_stored=10, high_bit=9), 1023, 0),
        (GREY.astype(np.int16) - 1000, info(signed=True), -1000, 1399),
        (np.full((4, 4), 7, np.uint16), info(), 0, 7),
        (GREY.astype(np.int16) - 1000, info(signed=True, bits_stored=16), -1000, 1399),
        # Its windows are stored values after the rescale is taken off again.
        (
            GREY.astype(np.int16) - 1000,
            info(signed=True, bits_stored=16, intercept=-24.0, windows=((40.0, 4000.0),)),
            -1936,
            2064,
        ),
        (np.zeros((40, 60), np.uint8), info(bits_allocated=1, bits_stored=1, high_bit=0), 0, 1),
        (np.full((40, 60), -0.5, np.float32), info(kind="float", bits_stored=32), -0.5, -0.5),
    ],
)
def test_grey(values: Any, header: PixelInfo, black: float, white: float) -> None:
    found = black_and_white(values, header, header.photometric)
    assert (found[0], found[1]) == (black, white)


@pytest.mark.parametrize(
    ("photometric", "bits", "black", "white"),
    [
        ("RGB", 8, (0, 0, 0), (255, 255, 255)),
        ("RGB", 16, (0, 0, 0), (65535, 65535, 65535)),
        ("YBR_FULL", 8, (0, 128, 128), (255, 128, 128)),
        ("YBR_FULL_422", 8, (0, 128, 128), (255, 128, 128)),
        ("YBR_PARTIAL_422", 8, (16, 128, 128), (235, 128, 128)),
        ("YBR_FULL", 16, (0, 32768, 32768), (65535, 32768, 32768)),
    ],
)
def test_color(photometric: str, bits: int, black: Any, white: Any) -> None:
    header = info(samples=3, bits_stored=bits, bits_allocated=bits)
    found = black_and_white(np.zeros((40, 60, 3), np.uint16), header, photometric)
    assert (tuple(found[0]), tuple(found[1])) == (black, white)


def test_palette_takes_the_darkest_and_the_lightest_index() -> None:
    luts = [np.array(c, np.uint16) for c in ([9, 90, 1, 5], [9, 90, 2, 5], [9, 90, 200, 5])]
    palette = (Lut(10, 8, luts[0]), Lut(10, 8, luts[1]), Lut(10, 8, luts[2]))
    header = info(photometric="PALETTE COLOR", palette=palette, bits_stored=8)
    black, white = black_and_white(np.zeros((4, 4), np.uint8), header, "PALETTE COLOR")
    assert (black, white) == (13, 11)


BOX = st.builds(
    Box, st.integers(-9, 70), st.integers(-9, 50), st.integers(1, 80), st.integers(1, 60)
)


@given(st.lists(st.builds(Fill, BOX, st.sampled_from(["", "ID", "[NAME]"])), max_size=4))
def test_only_pixels_inside_the_boxes_change(fills: list[Fill]) -> None:
    values = GREY + 1
    painted = paint_boxes(values, fills, INFO, "MONOCHROME2")
    inside = covered_pixels(fills, INFO)
    assert np.array_equal(painted[~inside], values[~inside])
    assert np.isin(painted[inside], (1, 2400)).all()


def test_the_original_is_left_alone() -> None:
    values = GREY.copy()
    values.flags.writeable = False
    paint_boxes(values, [Fill(Box(0, 0, 9, 9))], INFO, "MONOCHROME2")


def test_no_box_covers_the_letters_of_another() -> None:
    first, second = Fill(Box(5, 5, 50, 20), "[ID]"), Fill(Box(5, 15, 50, 20))
    painted = paint_boxes(GREY + 1, [first, second], INFO, "MONOCHROME2")
    alone = paint_boxes(GREY + 1, [second, first], INFO, "MONOCHROME2")
    assert np.array_equal(painted, alone)


def test_a_placeholder_is_drawn_inside_its_box_only() -> None:
    box = Box(5, 5, 50, 20)
    painted = paint_boxes(GREY + 1, [Fill(box, "[ID]")], INFO, "MONOCHROME2")
    area = painted[5:25, 5:55]
    assert 0.02 < (area == 2400).mean() < 0.5
    assert set(np.unique(area)) == {1, 2400}


@pytest.mark.parametrize(("width", "height"), [(50, 20), (20, 90), (200, 30)])
def test_letters_fit(width: int, height: int) -> None:
    drawn = draw_letters("[ID]", width, height)
    assert drawn.shape == (height, width) and drawn.any()
    edge = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
    assert not edge.any()


def test_letters_too_small_to_read_are_not_drawn() -> None:
    assert not draw_letters("[PATIENT]", 12, 5).any()
