from __future__ import annotations

import numpy as np

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.ocr.static_text import merge_static_text


def picture_of(frames, level=0):
    return FramePicture(np.full((60, 120), level, np.uint8), (), frames)


def line_in(frames, text="SEXTON", confidence=0.9, variants=()):
    return TextLine(frames, Box(10, 10, 60, 14), text, confidence, "", variants=variants)


def test_a_line_of_the_only_picture_is_in_all_frames():
    seen = [(picture_of((0, 1, 2)), [line_in((0, 1, 2))])]
    (line,) = merge_static_text(seen, 3)
    assert line.frames is None


def test_equal_lines_of_several_pictures_are_one():
    seen = [
        (picture_of((0,)), [line_in((0,), confidence=0.8, variants=("5EXTON",))]),
        (picture_of((1,), 200), [line_in((1,), confidence=0.9)]),
        (picture_of((2,), 90), []),
    ]
    (line,) = merge_static_text(seen, 3)
    assert (line.frames, line.confidence, line.variants) == ((0, 1), 0.9, ("5EXTON",))


def test_a_frame_that_is_unchanged_at_a_line_shows_it_too():
    seen = [
        (picture_of((0,)), [line_in((0,))]),
        (picture_of((1,), 5), []),
        (picture_of((2,), 90), []),
    ]
    (line,) = merge_static_text(seen, 3)
    assert line.frames == (0, 1)


def test_different_texts_at_one_place_stay_two_lines():
    seen = [
        (picture_of((0,)), [line_in((0,), "10:15")]),
        (picture_of((1,), 90), [line_in((1,), "10:16")]),
    ]
    assert [line.frames for line in merge_static_text(seen, 2)] == [(0,), (1,)]
