from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.ocr.tesseract import TesseractReader
from tests.pixels.drawn_text import draw_text


@pytest.fixture(scope="module")
def engine():
    return TesseractReader()


def test_text_is_read(engine):
    texts = [reading.text for reading in engine.read(draw_text("SEXTON 48213", 32, 520, 120))]
    assert any("SEXTON" in text for text in texts)


def test_boxes_of_an_area_are_in_pixels_of_the_picture(engine):
    picture = draw_text("SEXTON 48213", 32, 520, 120)
    readings = engine.read(picture, areas=[Box(0, 20, 520, 90)])
    (line, *_) = [r for r in readings if "SEXTON" in r.text]
    ink = np.argwhere(picture > 128)
    assert abs(line.box.top - ink[:, 0].min()) <= 6 and abs(line.box.left - ink[:, 1].min()) <= 6


def test_nothing_is_read_without_an_area(engine):
    assert engine.read(draw_text("SEXTON 48213"), areas=[]) == []


def test_rotated_text_is_read_with_its_rotation(engine):
    picture = np.ascontiguousarray(np.rot90(draw_text("SEXTON 48213", 32, 520, 120)))
    assert any("SEXTON" in r.text and r.rotation == 270 for r in engine.read(picture))


def test_a_crop_is_recognized_as_one_line(engine):
    (reading,) = engine.recognize([draw_text("48213", 32, 200, 60)])
    assert (reading.text, reading.box) == ("48213", Box(0, 0, 200, 60))
