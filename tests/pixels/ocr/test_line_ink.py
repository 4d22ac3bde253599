"""Ink of lines that were read in part, and the boxes in which they continue."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.faint_text import rate_faint_text
from safelight.pixels.gate.low_contrast import render_local_contrast
from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.line_ink import Ink, add_line_rests, find_inks, render_ink

TEXT = "SEXTON CARMEN 48213"


def make_frame(ink: int, ground: int = 90) -> tuple[np.ndarray, Box]:
    """Return a noisy frame with a line of text, and the box of the line."""
    random = np.random.default_rng(5)
    values = np.clip(random.normal(ground, 1.5, (160, 480)), 0, 255).astype(np.uint8)
    canvas = Image.new("1", (480, 160))
    font = ImageFont.load_default(18)
    ImageDraw.Draw(canvas).text((60, 60), TEXT, 1, font)
    letters = np.array(canvas)
    values[letters] = ink
    rows, columns = (np.flatnonzero(letters.any(axis=axis)) for axis in (1, 0))
    left, top = int(columns[0]), int(rows[0])
    return values, Box(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


def cut(box: Box, begin: float, end: float) -> Box:
    """Return a part of a box along its line."""
    left, right = round(box.left + begin * box.width), round(box.left + end * box.width)
    return Box(left, box.top, right - left, box.height)


def find_rests(values: np.ndarray, readings: list[Reading]) -> list[tuple[Box, ...]]:
    (contrast,) = render_local_contrast(values, values)
    inks = [render_ink(values, ink) for ink in find_inks(readings, values, contrast)]
    rated = rate_faint_text(values)
    return [reading.rests for reading in add_line_rests(readings, values, contrast, rated, inks)]


def test_the_ink_of_a_line_is_the_level_of_its_strokes() -> None:
    values, box = make_frame(ink=140)
    (contrast,) = render_local_contrast(values, values)
    assert find_inks([Reading(box, TEXT, 0.99)], values, contrast) == [Ink(139, 141)]


def test_noise_has_no_ink() -> None:
    values, box = make_frame(ink=140)
    (contrast,) = render_local_contrast(values, values)
    assert find_inks([Reading(box.move(0, 50), TEXT, 0.99)], values, contrast) == []


def test_a_line_that_was_read_in_part_goes_on_to_its_end() -> None:
    values, box = make_frame(ink=140)
    ((rest,),) = find_rests(values, [Reading(cut(box, 0, 0.4), "SEXTON", 0.99)])
    assert rest.left == cut(box, 0, 0.4).right
    assert box.right - 8 <= rest.right <= box.right + 40


def test_a_clear_line_goes_on_before_its_begin() -> None:
    values, box = make_frame(ink=250)
    ((rest,),) = find_rests(values, [Reading(cut(box, 0.6, 1), "48213", 0.99)])
    assert box.left - 16 <= rest.left <= box.left + 8


def test_a_clear_line_that_was_read_completely_has_no_rest() -> None:
    values, box = make_frame(ink=250)
    assert find_rests(values, [Reading(box.grow(2, 2), TEXT, 0.99)]) == [()]


def test_the_rest_of_a_faint_line_that_was_read_completely_is_short() -> None:
    values, box = make_frame(ink=140)
    (rests,) = find_rests(values, [Reading(box.grow(2, 2), TEXT, 0.99)])
    assert sum(rest.width for rest in rests) <= 4 * box.height


def test_two_faint_parts_of_one_row_are_one_line() -> None:
    values, box = make_frame(ink=98)
    values[:, cut(box, 0.4, 0.6).left : cut(box, 0.4, 0.6).right] = 98
    parts = [Reading(cut(box, 0, 0.4), "SEXTON", 0.99), Reading(cut(box, 0.6, 1), "48213", 0.99)]
    (first, *_), _ = find_rests(values, parts)
    assert first.right >= parts[1].box.left


def test_a_line_that_was_hardly_read_is_not_followed() -> None:
    values, box = make_frame(ink=140)
    assert find_rests(values, [Reading(cut(box, 0, 0.4), "SEXTON", 0.5)]) == [()]
