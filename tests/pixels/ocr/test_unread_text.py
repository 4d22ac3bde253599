"""Faint lines are found in the log odds of text, and those that were not read completely."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.unread_text import blank_places, find_faint_lines, find_open_lines


def find_open(readings: list[Reading]) -> int:
    """Return the number of open lines among one that is 160 pixels long."""
    faint = np.full((60, 60), -5, np.float32)
    faint[10:14, 5:45] = 6
    lines = find_faint_lines(faint, (240, 240))
    return len(find_open_lines(lines, faint, readings))


@pytest.mark.parametrize(
    ("readings", "count"),
    [
        pytest.param([], 1, id="not read"),
        pytest.param([Reading(Box(18, 38, 166, 20), "SEXTON CARMEN", 0.95)], 0, id="read"),
        pytest.param([Reading(Box(18, 38, 166, 20), "SEXTON CARMEN", 0.7)], 1, id="badly read"),
        pytest.param([Reading(Box(18, 38, 166, 20), "S 4", 0.95)], 1, id="few characters"),
        pytest.param([Reading(Box(18, 38, 80, 20), "SEXTON", 0.95)], 1, id="half of it"),
        pytest.param(
            [Reading(Box(x, 38, 84, 20), "SEXTON", 0.95) for x in (18, 100)], 1, id="two halves"
        ),
    ],
)
def test_a_line_is_open_unless_one_reading_covers_it(readings: list[Reading], count: int) -> None:
    assert find_open(readings) == count


def test_vertical_lines_next_to_each_other_are_not_one_line() -> None:
    faint = np.full((60, 60), -5, np.float32)
    faint[5:50, 5:10] = faint[5:50, 20:25] = 6
    lines = find_faint_lines(faint, (240, 240))
    assert sorted(line.box.width for line in lines) == [20, 20]


@pytest.mark.parametrize(("log_odds", "count"), [(1, 0), (3, 1)])
def test_a_vertical_line_needs_higher_log_odds(log_odds: float, count: int) -> None:
    faint = np.full((60, 60), -5, np.float32)
    faint[5:50, 5:10] = log_odds
    assert len(find_faint_lines(faint, (240, 240))) == count
    assert len(find_faint_lines(np.ascontiguousarray(faint.T), (240, 240))) == 1


def test_texture_is_no_line() -> None:
    faint = np.full((60, 60), -5, np.float32)
    faint[5:50, 5:50] = 6
    assert find_faint_lines(faint, (240, 240)) == []


def test_blanked_places_are_no_text() -> None:
    faint = np.full((20, 20), 3, np.float32)
    rest = blank_places(faint, [Box(8, 8, 16, 8)])
    assert np.isinf(rest[2:4, 2:6]).all() and rest[10, 10] == 3 and faint[2, 2] == 3
