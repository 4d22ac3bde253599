"""Boxes of characters, and the texts of a scan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.models import Block, PixelScan, TextLine

LINE = TextLine(None, Box(100, 50, 120, 20), "NAME HOLM AD", 0.9, "test")


def test_all_characters_have_the_box_of_the_line() -> None:
    assert LINE.box_of(0, 12) == LINE.box


def test_characters_without_borders_have_equal_widths() -> None:
    box = LINE.box_of(5, 9)
    assert (box.left, box.right) == (146, 194)


def test_borders_of_characters_are_used_if_they_are_known() -> None:
    borders = tuple(n / 24 for n in range(13))
    box = replace(LINE, character_borders=borders).box_of(5, 9)
    assert box.right < 150


@pytest.mark.parametrize(("rotation", "first"), [(90, True), (270, False)])
def test_characters_of_vertical_text_are_above_each_other(rotation: int, first: bool) -> None:
    line = replace(LINE, box=Box(10, 10, 20, 120), rotation=rotation)
    box = line.box_of(0, 4)
    assert (box.left, box.width) == (10, 20)
    assert (box.top == 10) is first


def test_a_reliable_line_ends_where_its_characters_end() -> None:
    borders = tuple(0.5 * n / 12 for n in range(13))
    line = replace(LINE, character_borders=borders, confidence=0.99)
    assert line.box_of(5, 12).right < 180
    assert replace(line, confidence=0.8).box_of(5, 12).right == LINE.box.right


def test_texts_of_a_scan_are_those_of_its_distinct_blocks_and_overlays() -> None:
    block, other = Block("A", ()), Block("B", ())
    scan = PixelScan(blocks=(block, block), overlays=((0x6000, PixelScan(blocks=(other,))),))
    assert scan.texts == ("A", "B")


def test_a_rest_continues_the_characters_at_its_end_of_the_line():
    before, after = Box(0, 10, 20, 10), Box(120, 10, 20, 10)
    line = TextLine(None, Box(20, 10, 100, 10), "JOHN DOE", 1.0, "", rests=(before, after))
    assert line.rest_of(0, 4) == (before,)
    assert line.rest_of(5, 8) == (after,)
    assert line.rest_of(0, 8) == (before, after)
    assert line.rest_of(1, 7) == ()


def test_an_upside_down_line_begins_at_its_right_end():
    before = Box(120, 10, 20, 10)
    line = TextLine(None, Box(20, 10, 100, 10), "JOHN", 1.0, "", rotation=180, rests=(before,))
    assert line.rest_of(0, 1) == (before,)
    assert line.rest_of(3, 4) == ()
