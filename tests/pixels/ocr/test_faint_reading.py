"""Faint lines that no other reading covers are read one by one, or masked unread."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.low_contrast import render_local_contrast
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.faint_reading import read_faint_lines
from tests.pixels.ocr.faint_frames import ROWS, covered_share, make_frame
from tests.pixels.ocr.fake_reader import FakeReader


class CountingReader(FakeReader):
    """A reader that returns one text for each crop."""

    def __init__(self, text: str, confidence: float) -> None:
        self.answer = Reading(Box(0, 0, 1, 1), text, confidence)
        self.shapes: list[tuple[int, ...]] = []

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        self.shapes += [crop.shape for crop in crops]
        return [self.answer for _ in crops]


def picture_of(values: np.ndarray) -> FramePicture:
    contrast = render_local_contrast(values, values)
    return FramePicture(values, (), (0,), local_contrast=contrast, values=values)


@pytest.mark.parametrize("ink", [80, 98, 110])
def test_lines_that_are_not_harmless_are_masked_unread(ink: int, reader: TextReader) -> None:
    values, boxes = make_frame(ink)
    found = read_faint_lines(picture_of(values), [], reader)
    assert all(reading.text == "" and reading.confidence > 0.9 for reading in found)
    assert min(covered_share(box, found) for box in boxes) > 0.9


def test_lines_that_were_read_completely_are_left_to_their_text() -> None:
    values, boxes = make_frame(100)
    readings = [Reading(box.grow(2, 2), text, 0.95) for box, text in zip(boxes, ROWS)]
    reader = CountingReader("SEXTON", 0.99)
    assert read_faint_lines(picture_of(values), readings, reader) == []
    assert reader.shapes == []


def test_a_line_of_which_half_was_read_is_masked_as_a_whole(reader: TextReader) -> None:
    values, boxes = make_frame(100)
    readings = [Reading(box.grow(2, 2), text, 0.95) for box, text in zip(boxes, ROWS)]
    x, y, w, h = boxes[0]
    readings[0] = Reading(Box(x, y, w // 2, h), "SEXTON", 0.95)
    assert covered_share(boxes[0], read_faint_lines(picture_of(values), readings, reader)) > 0.9


def test_a_box_with_too_few_characters_was_not_read_completely(reader: TextReader) -> None:
    values, boxes = make_frame(100)
    readings = [Reading(box.grow(2, 2), "S 4", 0.95) for box in boxes]
    assert covered_share(boxes[0], read_faint_lines(picture_of(values), readings, reader)) > 0.9


def test_harmless_lines_keep_their_text(reader: TextReader) -> None:
    rows = ("Thickness 5.0 mm", "CHEST AP", "PM > AM")
    values, boxes = make_frame(100, rows)
    found = read_faint_lines(picture_of(values), [], reader)
    ordered = sorted(found, key=lambda reading: reading.box.top)
    assert [reading.text.replace(" ", "") for reading in ordered] == [
        row.replace(" ", "") for row in rows
    ]
    assert min(covered_share(box, found) for box in boxes) > 0.9


def test_harmless_lines_next_to_others_keep_their_text(reader: TextReader) -> None:
    values, boxes = make_frame(100, ("SEXTON CARMEN", "CHEST AP", "ID 48213977"))
    found = read_faint_lines(picture_of(values), [], reader)
    assert [reading.text for reading in found if reading.text] in (["CHEST AP"], ["CHESTAP"])
    unread = [reading for reading in found if not reading.text]
    assert min(covered_share(box, unread) for box in (boxes[0], boxes[2])) > 0.9


def test_harmless_lines_that_were_read_stay_next_to_others(reader: TextReader) -> None:
    values, boxes = make_frame(100, ("SEXTON CARMEN", "CHEST AP", "ID 48213977"))
    read = [Reading(boxes[1].grow(2, 2), "CHEST AP", 0.99)]
    found = read_faint_lines(picture_of(values), read, reader)
    assert min(covered_share(box, found) for box in (boxes[0], boxes[2])) > 0.9
    assert covered_share(boxes[1], found) < 0.5


def test_a_date_is_not_harmless() -> None:
    values, _ = make_frame(100)
    found = read_faint_lines(picture_of(values), [], CountingReader("DOB 05/04/1993", 0.99))
    assert found and not any(reading.text for reading in found)


def test_what_cannot_be_read_at_all_is_no_text() -> None:
    values, _ = make_frame(93)
    picture = picture_of(values)
    likely = np.minimum(picture.faint_text, 7)
    picture = FramePicture(
        values, (), (0,), local_contrast=picture.local_contrast, values=values,
        known_faint_text=likely,
    )  # fmt: skip
    assert read_faint_lines(picture, [], CountingReader("ml", 0.4)) == []
    assert read_faint_lines(picture, [], CountingReader("MILLER", 0.7)) != []


def test_a_certain_line_is_masked_whatever_can_be_read() -> None:
    values, boxes = make_frame(110)
    found = read_faint_lines(picture_of(values), [], CountingReader("", 0.0))
    assert max(covered_share(box, found) for box in boxes) > 0.9


def test_only_lines_in_the_cells_are_read() -> None:
    values, _ = make_frame(100)
    reader = CountingReader("SEXTON", 0.99)
    cells = np.zeros((13, 25), bool)
    assert read_faint_lines(picture_of(values), [], reader, cells) == []
    assert reader.shapes == []


def test_clear_text_is_left_to_the_rules_for_readings() -> None:
    values, _ = make_frame(250)
    assert read_faint_lines(picture_of(values), [], CountingReader("SEXTON", 0.99)) == []


def test_a_row_that_anatomy_cuts_grows_to_the_edge_of_its_block(reader: TextReader) -> None:
    values, boxes = make_frame(100)
    right = boxes[2].right
    x, y, w, h = boxes[0]
    values[y - 3 : y + h + 3, x + w // 2 :] = 100
    found = read_faint_lines(picture_of(values), [], reader)
    cut = [one for one in found if one.box.shared_height(boxes[0]) > h // 2]
    assert max(one.box.right for one in cut) >= min(right, x + w)


def test_a_picture_without_contrast_has_no_lines() -> None:
    picture = FramePicture(np.zeros((64, 64), np.uint8), (), (0,))
    assert read_faint_lines(picture, [], CountingReader("SEXTON", 0.99)) == []
