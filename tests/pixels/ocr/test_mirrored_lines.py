"""In a frame with mirrored lines, all lines are tried as mirrored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.mirrored_lines import Flip, read_mirrored_line, read_mirrored_rest
from safelight.pixels.ocr.multi_pass import read_frame
from tests.pixels.ocr.fake_reader import FakeReader

SHOWN = np.zeros((200, 300), np.uint8)
STROKES = np.full((200, 300), 128, np.uint8)
LINE = Reading(Box(50, 40, 60, 16), "JAIXA", 1.0, variants=("M320T40",))


class EchoReader(FakeReader):
    """A reader that shows one text in all crops, or in those that are brighter at an edge."""

    def __init__(self, text: str, edge: tuple[slice, slice] | None = None) -> None:
        self.text, self.edge = text, edge

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        return [
            Reading(
                Box(0, 0, 1, 1),
                self.text if self.edge is None or crop[self.edge].any() else "",
                0.97,
            )
            for crop in crops
        ]


def read_rest(line: Reading, reader: EchoReader, count: int = 2) -> Reading:
    others = [replace(LINE, box=Box(50, 100 + 30 * n, 60, 16), text="") for n in range(count)]
    flips = [*[Flip.LEFT_RIGHT] * count, None]
    return read_mirrored_rest([*others, line], flips, SHOWN, STROKES, reader)[-1]


def test_a_clear_line_next_to_two_mirrored_ones_is_read_mirrored() -> None:
    found = read_rest(LINE, EchoReader("AXIAL"))
    assert (found.text, found.rotation, found.variants) == ("AXIAL", 180, ())


def test_a_clear_line_next_to_one_mirrored_line_keeps_its_text() -> None:
    assert read_rest(LINE, EchoReader("AXIAL"), count=1) == LINE


def test_settings_of_a_mirrored_frame_keep_their_text() -> None:
    assert read_rest(LINE, EchoReader("W 350 L 40")).text == "W 350 L 40"


def test_a_clear_line_that_shows_a_date_in_a_mirrored_frame_has_no_text() -> None:
    found = read_rest(replace(LINE, text="05\\18\\5055"), EchoReader("02/18/2022"))
    assert (found.text, found.confidence) == ("", 0.97)


def test_an_upright_line_of_a_mirrored_frame_keeps_its_text() -> None:
    assert read_rest(LINE, EchoReader("")) == LINE


@pytest.mark.parametrize("text", ["HOSPITAL", "AXIAL"])
def test_a_piece_beside_a_mirrored_line_without_text_has_none(text: str) -> None:
    hidden = replace(LINE, box=Box(112, 40, 80, 16), text="", confidence=0.97)
    others = [hidden, replace(hidden, box=Box(50, 100, 60, 16)), LINE]
    others += [replace(hidden, box=Box(50, 130, 60, 16))]
    others.append(others.pop(2))
    flips = [None, Flip.LEFT_RIGHT, Flip.LEFT_RIGHT, None]
    assert not read_mirrored_rest(others, flips, SHOWN, STROKES, EchoReader(text))[-1].text


@pytest.mark.parametrize(
    ("box", "flip", "rotation"),
    [
        (Box(50, 40, 120, 16), Flip.LEFT_RIGHT, 180),
        (Box(50, 40, 120, 16), Flip.TOP_BOTTOM, 0),
        (Box(50, 40, 16, 120), Flip.LEFT_RIGHT, 270),
        (Box(50, 40, 16, 120), Flip.TOP_BOTTOM, 90),
    ],
)
def test_a_line_is_turned_until_it_is_level_and_then_flipped(
    box: Box, flip: Flip, rotation: int
) -> None:
    line = Reading(box, "zzembiT", 0.5, 90 if box.height > box.width else 0)
    shown = SHOWN.copy()
    # Light at the end of the flipped line shows which edge of the frame it comes from.
    level = np.zeros((16, 120), np.uint8)
    level[:8, :60] = 255
    flipped = level[:, ::-1] if flip is Flip.LEFT_RIGHT else level[::-1]
    shown[box.slices] = np.rot90(flipped, -1) if line.rotation else flipped
    corner = (slice(8, 24), slice(16, 40))
    reader = EchoReader("Thickness 5.0 mm", corner)
    found, seen = read_mirrored_line(line, shown, shown, reader)
    assert (found.text, seen, found.rotation) == ("Thickness 5.0 mm", flip, rotation)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_terms_of_a_mirrored_screen_are_read_in_any_rotation(
    reader: TextReader, turns: int
) -> None:
    canvas = Image.new("L", (340, 340), 12)
    font = ImageFont.truetype("DejaVuSans.ttf", 17)
    for number, text in enumerate(("Thickness 5.0 mm", "HELICAL 120 kV", "Abdomen", "AXIAL")):
        ImageDraw.Draw(canvas).text((60, 60 + 26 * number), text, 240, font)
    screen = np.asarray(canvas)
    picture = np.ascontiguousarray(np.rot90(screen[:, ::-1], turns))
    lines = read_frame(FramePicture(picture, (), (0,)), reader)
    assert "AXIAL" in {line.text for line in lines}
