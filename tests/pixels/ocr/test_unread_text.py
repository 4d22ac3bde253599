"""Faint lines that were not read, or in part only, become readings without text."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.faint_text import rate_faint_text
from safelight.pixels.gate.low_contrast import render_local_contrast
from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.unread_text import blank_places, find_faint_lines, find_unread_text

ROWS = ("SEXTON CARMEN", "ID 48213977", "OAKFIELD CLINIC")


def make_frame(ink: int) -> tuple[np.ndarray, list[Box]]:
    """Return a noisy frame with three rows of text, and their boxes."""
    values = np.random.default_rng(5).normal(90, 1.5, (200, 400))
    boxes = []
    for number, text in enumerate(ROWS):
        canvas = Image.new("1", (400, 200))
        ImageDraw.Draw(canvas).text((60, 60 + 26 * number), text, 1, ImageFont.load_default(16))
        letters = np.array(canvas)
        values[letters] = ink
        rows, columns = (np.flatnonzero(letters.any(axis=axis)) for axis in (1, 0))
        left, top = int(columns[0]), int(rows[0])
        boxes.append(Box(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top))
    return np.clip(np.rint(values), 0, 255).astype(np.uint8), boxes


def find(values: np.ndarray, readings: list[Reading]) -> list[Reading]:
    (contrast,) = render_local_contrast(values, values)
    return find_unread_text(rate_faint_text(values), readings, values, contrast)


def covered_share(box: Box, found: list[Reading]) -> float:
    hidden = np.zeros((200, 400), bool)
    for reading in found:
        hidden[reading.box.slices] = True
    return float(hidden[box.slices].mean())


@pytest.mark.parametrize("ink", [80, 98, 110])
def test_lines_that_were_not_read_are_found(ink: int) -> None:
    values, boxes = make_frame(ink)
    found = find(values, [])
    assert all(reading.text == "" and reading.confidence > 0.9 for reading in found)
    assert min(covered_share(box, found) for box in boxes) > 0.9


def test_lines_that_were_read_completely_are_left_to_their_text() -> None:
    values, boxes = make_frame(100)
    readings = [Reading(box.grow(2, 2), text, 0.95) for box, text in zip(boxes, ROWS)]
    assert find(values, readings) == []


def test_a_line_of_which_half_was_read_is_found_as_a_whole() -> None:
    values, boxes = make_frame(100)
    readings = [Reading(box.grow(2, 2), text, 0.95) for box, text in zip(boxes, ROWS)]
    x, y, w, h = boxes[0]
    readings[0] = Reading(Box(x, y, w // 2, h), "SEXTON", 0.95)
    assert covered_share(boxes[0], find(values, readings)) > 0.9


def test_a_box_with_too_few_characters_was_not_read_completely() -> None:
    values, boxes = make_frame(100)
    readings = [Reading(box.grow(2, 2), "S 4", 0.95) for box in boxes]
    assert covered_share(boxes[0], find(values, readings)) > 0.9


def test_clear_text_is_left_to_the_rules_for_readings() -> None:
    values, _ = make_frame(250)
    assert find(values, []) == []


def test_a_row_that_anatomy_cuts_grows_to_the_edge_of_its_block() -> None:
    values, boxes = make_frame(100)
    right = boxes[2].right
    x, y, w, h = boxes[0]
    values[y - 3 : y + h + 3, x + w // 2 :] = 100
    cut = [one for one in find(values, []) if one.box.shared_height(boxes[0]) > h // 2]
    assert max(one.box.right for one in cut) >= min(right, x + w)


def test_vertical_lines_next_to_each_other_are_not_one_line() -> None:
    faint = np.full((60, 60), -5, np.float32)
    faint[5:50, 5:10] = faint[5:50, 20:25] = 6
    lines = find_faint_lines(faint, (240, 240))
    assert sorted(line.box.width for line in lines) == [20, 20]


@pytest.mark.parametrize(("log_odds", "count"), [(4, 0), (6, 1)])
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
