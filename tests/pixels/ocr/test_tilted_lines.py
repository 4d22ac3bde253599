from __future__ import annotations

import numpy as np

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, Tilt
from safelight.pixels.ocr.tilted_lines import group_angles, read_tilted_lines
from safelight.pixels.thresholds import TILTED_LINES_MAX_ANGLES
from tests.pixels.ocr.fake_reader import FakeReader


def place_at(
    angle: float, score: float = 0.8, x: int = 100, y: int = 100, length: int = 90
) -> Reading:
    return Reading(Box(x, y, 80, 60), "", score, tilt=Tilt(angle, length, 14))


class TurnedReader(FakeReader):
    """A reader that finds one line of text in the middle of every picture."""

    def find(self, picture: Picture) -> list[Reading]:
        rows, columns = picture.shape
        return [Reading(Box(columns // 2 - 60, rows // 2 - 14, 120, 28), "HARTWELL", 0.95)]


def test_lines_of_one_angle_are_a_group_and_opposite_angles_are_equal() -> None:
    groups = group_angles([place_at(30), place_at(32), place_at(-89), place_at(89)])
    assert {angle: len(group) for angle, group in groups.items()} == {31: 2, -90: 2}


def test_a_few_marks_of_low_probability_are_texture() -> None:
    assert not group_angles([place_at(30, 0.62), place_at(31, 0.65)])
    assert group_angles([place_at(30, 0.62), place_at(31, 0.65), place_at(32, 0.61)])
    assert group_angles([place_at(30, 0.8)])


def test_a_single_short_mark_is_not_text_and_two_clear_ones_are() -> None:
    short = place_at(30, 0.9, length=50)
    assert not group_angles([short])
    assert group_angles([short, place_at(32, 0.9, length=50)])


def test_only_the_most_frequent_angles_are_read() -> None:
    places = [place_at(angle) for angle in (-60, -40, -20, 20, 40, 60)]
    assert len(group_angles(places)) == TILTED_LINES_MAX_ANGLES


def test_a_tilted_line_is_read_in_the_turned_frame() -> None:
    found = read_tilted_lines(np.zeros((260, 280), np.uint8), [place_at(30)], TurnedReader())
    assert [(angle, [one.text for one in lines]) for angle, lines in found.items()] == [
        (30, ["HARTWELL"])
    ]


def test_a_clear_line_that_cannot_be_read_has_no_text() -> None:
    places = [place_at(30, x=5, y=5)]
    (lines,) = read_tilted_lines(np.zeros((500, 500), np.uint8), places, TurnedReader()).values()
    assert [line.text for line in lines] == ["HARTWELL", ""]
