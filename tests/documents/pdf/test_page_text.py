"""Test the text of a page with the position of each character."""

from __future__ import annotations

import pytest

from safelight.documents.pdf.page_text import PageText, page_texts_from_ocr
from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading


def two_lines() -> PageText:
    boxes = (Box(10, 10, 10, 20), Box(20, 10, 10, 20), None, Box(10, 60, 10, 20))
    return PageText(0, "ab\nc", boxes, "ocr")


def test_characters_of_one_line_have_one_box_with_a_margin() -> None:
    (box,) = two_lines().boxes_of(0, 2)
    assert box.left < 10 and box.right > 30 and box.top < 10 and box.bottom > 30


def test_characters_of_two_lines_have_two_boxes() -> None:
    assert len(two_lines().boxes_of(0, 4)) == 2


def test_characters_without_ink_have_no_box() -> None:
    assert two_lines().boxes_of(2, 3) == []


def test_each_character_needs_an_entry_in_the_boxes() -> None:
    with pytest.raises(ValueError, match="1 boxes for 2 characters"):
        PageText(0, "ab", (None,), "ocr")


def test_ocr_lines_become_texts_with_a_box_for_each_character() -> None:
    (text,) = page_texts_from_ocr(3, [Reading(Box(0, 0, 100, 20), "Liver", 0.9)], "ocr")
    assert (text.page, text.text, len(text.boxes)) == (3, "Liver", 5)
    assert all(box is not None and box.width <= 100 for box in text.boxes)
