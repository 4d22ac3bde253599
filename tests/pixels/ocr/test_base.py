from __future__ import annotations

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading, is_inside_line, score_reading

LINE = Box(10, 10, 100, 20)


def test_the_score_counts_characters_by_the_square_of_the_confidence():
    assert score_reading(Reading(LINE, "AB 1-2", 0.5)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("box", "is_inside"),
    [
        (Box(20, 11, 40, 18), True),
        (Box(8, 9, 104, 20), True),
        (Box(20, 14, 40, 8), False),
        (Box(20, 30, 40, 18), False),
    ],
)
def test_a_box_in_a_line_of_about_its_height_is_the_same_line(box, is_inside):
    assert is_inside_line(box, LINE) == is_inside


def test_a_reading_becomes_a_line_of_frames():
    reading = Reading(LINE, "AB", 0.5, 90, (0.0, 0.5, 1.0), ("A8",))
    line = reading.to_line((1, 2), "test")
    assert (line.frames, line.engine, line.rotation) == ((1, 2), "test", 90)
    assert (line.character_borders, line.variants) == ((0.0, 0.5, 1.0), ("A8",))
