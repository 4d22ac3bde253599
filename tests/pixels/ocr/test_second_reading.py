"""Doubtful lines are read again as tight crops: tiny text enlarged, and mirrored text."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.multi_pass import read_frame
from safelight.pixels.ocr.second_reading import read_doubtful_lines
from tests.pixels.drawn_text import draw_text
from tests.pixels.ocr.fake_reader import FakeReader

SHOWN = np.zeros((100, 300), np.uint8)
STROKES = np.full((100, 300), 128, np.uint8)


class ScriptedReader(FakeReader):
    """A reader that returns one text after another for its crops."""

    def __init__(self, *texts: str, confidence: float = 0.95) -> None:
        self.texts = list(texts)
        self.confidence = confidence
        self.count = 0

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        self.count += len(crops)
        return [Reading(Box(0, 0, 1, 1), self.texts.pop(0), self.confidence) for _ in crops]


def read_again(line: Reading, reader: TextReader) -> Reading:
    (found,) = read_doubtful_lines([line], SHOWN, STROKES, reader)
    return found


def test_a_mirrored_line_of_harmless_words_has_their_text() -> None:
    line = Reading(Box(50, 40, 120, 16), "mm 0.8 zzemboidT", 0.5)
    found = read_again(line, ScriptedReader("Thickness 5.0 mm", "Thickness 5.0mm"))
    assert (found.text, found.rotation, found.box) == ("Thickness 5.0 mm", 180, line.box)
    assert found.variants == (line.text,)


def test_a_line_that_cannot_be_read_may_be_mirrored() -> None:
    line = Reading(Box(50, 40, 120, 16), "", 0.9)
    assert read_again(line, ScriptedReader("CHEST AP 80 kV", "CHEST AP 80 kV")).text
    assert read_again(line, ScriptedReader("", "")) == line


def test_a_mirrored_line_that_is_not_harmless_has_no_text() -> None:
    line = Reading(Box(50, 40, 120, 16), "covecoec.U1", 0.5)
    found = read_again(line, ScriptedReader("ID:39659765", "ID:39659765"))
    assert found.text == "" and found.confidence == 0.95


def test_a_line_that_only_one_crop_shows_mirrored_keeps_its_text() -> None:
    line = Reading(Box(50, 40, 120, 16), "MIRIAM L", 0.5)
    assert read_again(line, ScriptedReader("Thickness 5.0 mm", "", "")) == line


def test_a_tiny_line_has_the_harmless_text_that_two_of_three_crops_show() -> None:
    line = Reading(Box(50, 40, 31, 12), "GESTAP", 0.99)
    found = read_again(line, ScriptedReader("GHESTAP", "CHESTAP", "CHESTAP"))
    assert (found.text, found.rotation) == ("CHESTAP", 0)


def test_an_unclear_line_is_read_again() -> None:
    line = Reading(Box(50, 40, 60, 20), "Flutoro", 0.92)
    assert read_again(line, ScriptedReader("Fluoro", "Fluoro", "Flutoro")).text == "Fluoro"


def test_a_tiny_line_that_one_crop_shows_as_harmless_keeps_its_text() -> None:
    line = Reading(Box(50, 40, 31, 12), "GESTAP", 0.99)
    assert read_again(line, ScriptedReader("GHESTAP", "CHESTAP", "GESTAP")) == line


@pytest.mark.parametrize(
    "line",
    [
        Reading(Box(50, 40, 120, 20), "SEXTON CARMEN", 0.99),
        Reading(Box(50, 40, 120, 12), "Thickness 5.0 mm", 0.5),
        Reading(Box(50, 40, 20, 90), "zembT", 0.5, 90),
        Reading(Box(50, 40, 30, 12), "RLV", 0.5),
    ],
)
def test_other_lines_are_not_read_again(line: Reading) -> None:
    reader = ScriptedReader()
    assert read_again(line, reader) == line
    assert reader.count == 0


def test_mirrored_text_of_a_frame_is_read_from_right_to_left(reader: TextReader) -> None:
    picture = np.ascontiguousarray(draw_text("Thickness 5.0 mm")[:, ::-1])
    (line,) = read_frame(FramePicture(picture, (), (0,)), reader)
    assert line.text.replace(" ", "") == "Thickness5.0mm"
