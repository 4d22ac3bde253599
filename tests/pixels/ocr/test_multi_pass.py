from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.ocr.multi_pass import choose_scale, read_frame, read_region
from tests.pixels.drawn_text import draw_cyrillic, draw_text


def frame_of(picture):
    return FramePicture(np.ascontiguousarray(picture), (), (0,))


def letters(text):
    return "".join(text.split()).upper()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_is_read_at_every_rotation(reader, rotation):
    frame = frame_of(np.rot90(draw_text("SEXTON 48213"), -rotation // 90))
    best = max(read_frame(frame, reader), key=lambda reading: len(reading.text))
    assert letters(best.text) == "SEXTON48213"
    assert best.rotation == rotation


def test_a_script_that_cannot_be_read_is_a_line_without_text(reader):
    (line,) = read_frame(frame_of(draw_cyrillic()), reader)
    assert line.text == "" and line.confidence > 0.6
    assert line.box.left <= 18 and line.box.right >= 250


def test_only_the_cells_are_read(reader):
    frame = frame_of(draw_text("SEXTON 48213"))
    assert read_frame(frame, reader, np.zeros((6, 27), bool)) == []


def test_a_part_of_a_frame_is_read_at_the_scale_of_the_frame(reader):
    part = frame_of(draw_text("SEXTON 48213"))
    readings = read_region(part, reader, (640, 640), False)
    assert [letters(reading.text) for reading in readings] == ["SEXTON48213"]


@pytest.mark.parametrize(
    ("shape", "scale"), [((256, 256), 2.5), ((64, 64), 3.0), ((640, 2000), 1.0), ((3000, 4000), 1)]
)
def test_a_small_frame_is_enlarged_and_a_large_one_is_not_reduced(shape, scale):
    assert choose_scale(*shape) == scale
