from __future__ import annotations

from dataclasses import replace

import numpy as np

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import windowing
from tests.pixels.objects import native_object


def info_of(**header):
    values = np.zeros((8, 8), np.uint16 if header.get("BitsAllocated", 8) > 8 else np.uint8)
    return FrameSource.from_bytes(native_object(values.tobytes(), Rows=8, Columns=8, **header)).info


def test_the_lowest_value_is_black_in_monochrome2_and_white_in_monochrome1():
    values = np.array([[0, 100], [200, 255]], np.uint8)
    two = info_of(PhotometricInterpretation="MONOCHROME2")
    one = replace(two, photometric="MONOCHROME1")
    assert windowing.render_full_range(values, two)[1, 1] == 255
    assert windowing.render_full_range(values, one)[1, 1] == 0


def test_luminance_and_chroma_become_gray():
    info = replace(info_of(), photometric="YBR_FULL", samples=3)
    values = np.full((4, 4, 3), 128, np.uint8)
    values[..., 0] = 77
    assert (windowing.render_full_range(values, info) == 77).all()


def test_padding_does_not_count_for_the_range():
    info = replace(info_of(), padding=-2000, signed=True, bits_allocated=16, bits_stored=16)
    values = np.array([[-2000, 0], [50, 100]], np.int16)
    assert windowing.render_full_range(values, info).tolist() == [[0, 0], [128, 255]]


def test_text_at_the_extreme_level_has_stronger_strokes_than_texture():
    texture = np.random.default_rng(1).normal(128, 40, (60, 120)).clip(10, 240).astype(np.uint8)
    texture[30, 20:80] = 255
    strokes = windowing.render_strokes(texture).astype(int) - 128
    assert abs(strokes[30, 20:80]).mean() > 2 * abs(np.delete(strokes, 30, 0)).mean()
