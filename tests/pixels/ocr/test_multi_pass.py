"""From a picture to lines: rendering, gate, the engines, merging, layout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import windowing
from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.gate.text_gate import can_hold_text
from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.line_merging import group_blocks, merge_readings
from safelight.pixels.ocr.missing_lines import find_missing_lines
from safelight.pixels.ocr.multi_pass import read_frame
from safelight.pixels.ocr.rapid import THREADS_VARIABLE, read_thread_count
from tests.pixels.objects import native_object


def written(text: str, size: int = 20, width: int = 420, height: int = 90, ink: int = 255):
    """A dark picture with a text in its middle."""
    canvas = Image.new("L", (width, height), 255 - ink if ink < 128 else 20)
    draw = ImageDraw.Draw(canvas)
    draw.text((20, height // 2 - size), text, fill=ink, font=ImageFont.load_default(size))
    return np.asarray(canvas)


def info_of(**header):
    values = np.zeros((8, 8), np.uint16 if header.get("BitsAllocated", 8) > 8 else np.uint8)
    return FrameSource.from_bytes(native_object(values.tobytes(), Rows=8, Columns=8, **header)).info


def test_dark_means_dark_in_both_monochromes():
    values = np.array([[0, 100], [200, 255]], np.uint8)
    two = info_of(PhotometricInterpretation="MONOCHROME2")
    one = replace(two, photometric="MONOCHROME1")
    assert windowing.render_full_range(values, two)[1, 1] == 255
    assert windowing.render_full_range(values, one)[1, 1] == 0


def test_luminance_and_chroma_become_grey():
    info = replace(info_of(), photometric="YBR_FULL", samples=3)
    values = np.full((4, 4, 3), 128, np.uint8)
    values[..., 0] = 77
    assert (windowing.render_full_range(values, info) == 77).all()


def test_padding_does_not_squeeze_the_range():
    info = replace(info_of(), padding=-2000, signed=True, bits_allocated=16, bits_stored=16)
    values = np.array([[-2000, 0], [50, 100]], np.int16)
    assert windowing.render_full_range(values, info).tolist() == [[0, 0], [128, 255]]


def test_text_at_the_extreme_level_stands_out_of_texture():
    texture = np.random.default_rng(1).normal(128, 40, (60, 120)).clip(10, 240).astype(np.uint8)
    texture[30, 20:80] = 255
    strokes = windowing.render_strokes(texture).astype(int) - 128
    assert abs(strokes[30, 20:80]).mean() > 2 * abs(np.delete(strokes, 30, 0)).mean()


@pytest.mark.parametrize("size", [7, 12, 24, 48])
@pytest.mark.parametrize("ink", [255, 0])
def test_the_gate_lets_text_of_every_size_pass(size, ink):
    assert can_hold_text(written("SMITH 1234", size, width=900, height=140, ink=ink))


def test_the_gate_stops_what_cannot_hold_text():
    smooth = np.fromfunction(lambda y, x: (x + y) / 4, (256, 256)).astype(np.uint8)
    assert not can_hold_text(smooth)
    assert not can_hold_text(np.zeros((64, 64), np.uint8))


@pytest.fixture(scope="module")
def reader():
    return make_reader("rapidocr")


def test_a_script_that_is_not_read_is_text_all_the_same(reader):
    canvas = Image.new("L", (460, 70), 12)
    font = ImageFont.truetype("DejaVuSans.ttf", 18)
    ImageDraw.Draw(canvas).text((15, 20), "Соколов Дмитрий Павлович", 240, font)
    (line,) = read_frame(FramePicture(np.asarray(canvas), (), (0,)), reader)
    assert line.text == "" and line.confidence > 0.6
    assert line.box[0] <= 18 and line.box[0] + line.box[2] >= 250


def plain(readings):
    return "".join("".join(r.text.split()) for r in readings).upper()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_text_is_read_whichever_way_it_is_turned(reader, turn):
    picture = np.ascontiguousarray(np.rot90(written("SEXTON 48213"), -turn // 90))
    found = read_frame(FramePicture(picture, (), (0,)), reader)
    best = max(found, key=lambda r: len(r.text))
    assert plain([best]) == "SEXTON48213"
    assert best.rotation == turn


def test_columns_tell_where_the_characters_are(reader):
    picture = written("Name: SEXTON", 24)
    (line,) = [r for r in reader.read(picture) if "SEXTON" in r.text]
    text_line = TextLine(None, line.box, line.text, line.confidence, "", 0, line.character_borders)
    begin = line.text.index("SEXTON")
    x, _, w, _ = text_line.box_of(begin, len(line.text))
    ink = np.flatnonzero((picture > 128).any(axis=0))
    gap = max(np.diff(ink), default=0)
    value = ink[np.flatnonzero(np.diff(ink) == gap)[-1] + 1]
    assert value - 12 <= x <= value + 1
    assert x + w >= ink[-1]


def test_tesseract_has_the_same_interface():
    engine = make_reader("tesseract")
    assert "SEXTON" in plain(engine.read(written("SEXTON 48213", 32, 520, 120)))


def test_tesseract_reads_in_areas_and_gives_places_in_the_picture():
    picture = written("SEXTON 48213", 32, 520, 120)
    engine = make_reader("tesseract")
    (line, *_) = [
        r for r in engine.read(picture, areas=[Box(0, 20, 520, 90)]) if "SEXTON" in r.text
    ]
    ink = np.argwhere(picture > 128)
    assert abs(line.box[1] - ink[:, 0].min()) <= 6 and abs(line.box[0] - ink[:, 1].min()) <= 6
    assert engine.read(picture, areas=[]) == []


def test_threads_come_from_the_environment(monkeypatch):
    monkeypatch.delenv(THREADS_VARIABLE, raising=False)
    assert read_thread_count() == 1
    monkeypatch.setenv(THREADS_VARIABLE, "3")
    assert read_thread_count() == 3


def test_the_longer_sure_reading_wins_and_the_rest_is_kept_as_variant():
    short = Reading(Box(10, 10, 40, 12), "Nam", 0.9)
    long = Reading(Box(10, 10, 120, 12), "Name: SMITH", 0.99)
    (kept,) = merge_readings([short, long])
    assert kept.text == "Name: SMITH"
    assert kept.variants == ("Nam",)


def test_a_box_over_two_rows_that_another_rendering_tells_apart_is_dropped():
    tall = Reading(Box(10, 10, 100, 34), "0820 31", 0.99)
    rows = [
        Reading(Box(10, 8, 60, 16), "M 63", 0.9),
        Reading(Box(10, 27, 100, 16), "08/20/31", 0.9),
    ]
    assert [reading.text for reading in merge_readings([tall, *rows])] == ["M 63", "08/20/31"]
    assert merge_readings([tall, rows[0]])[-1].text == "0820 31"


def test_what_another_rendering_has_beyond_is_kept():
    one = Reading(Box(10, 10, 100, 12), "Patient ID", 0.99)
    two = Reading(Box(60, 10, 150, 12), "ID: 3209648", 0.9)
    texts = [reading.text for reading in merge_readings([one, two])]
    assert texts[0] == "Patient ID" and texts[1].endswith("3209648")


boxes = st.builds(
    Box, st.integers(0, 400), st.integers(0, 400), st.integers(8, 90), st.integers(8, 20)
)


@given(st.lists(st.tuples(boxes, st.text("AB 12", min_size=1, max_size=9)), max_size=8))
def test_every_reading_is_in_exactly_one_block_at_its_place(found):
    lines = [TextLine(None, box, text, 0.9, "") for box, text in found]
    made = group_blocks(lines)
    assert sorted(line for block in made for line, _ in block.places) == list(range(len(lines)))
    for block in made:
        for line, begin in block.places:
            assert block.text[begin:].startswith(lines[line].text)


def test_a_row_missing_between_two_of_a_block_is_text_that_was_not_read():
    picture = np.full((120, 200), 128, np.uint8)
    rows = [Reading(Box(10, y, 90, 12), text, 0.99) for y, text in
            ((10, "Name: SMITH"), (26, "ID: 123456"), (58, "DOB: 1950"))]  # fmt: skip
    picture[44:52, 12:90:2] = 255
    (found,) = find_missing_lines(rows, picture)
    assert found.text == ""
    assert found.box[1] <= 46 and found.box[1] + found.box[3] >= 50
    picture[44:52, 12:90:2] = 128
    assert find_missing_lines(rows, picture) == []


def test_a_missing_row_that_a_bright_edge_drowns_is_text_all_the_same():
    picture = np.full((120, 200), 128, np.uint8)
    rows = [Reading(Box(10, y, 90, 12), text, 0.99) for y, text in
            ((10, "Name: SMITH"), (26, "ID: 123456"), (58, "DOB: 1950"))]  # fmt: skip
    picture[43:52] = 255
    (found,) = find_missing_lines(rows, picture)
    assert found.box[1] <= 46 and found.box[0] <= 12


def test_a_line_that_cannot_be_read_outweighs_a_few_letters_read_badly() -> None:
    unreadable = Reading(Box(10, 10, 280, 20), "", 0.79, 180)
    letters = Reading(Box(8, 9, 284, 22), "na emh", 0.39, 180)
    (kept,) = merge_readings([letters, unreadable])
    assert kept.text == ""
    clear = Reading(Box(10, 10, 280, 20), "HARTWELL AGNES", 0.95)
    assert merge_readings([clear, unreadable])[0].text == "HARTWELL AGNES"


def test_rows_that_end_together_do_not_begin_late():
    picture = np.full((120, 200), 128, np.uint8)
    picture[26:38, 12:100:2] = 255
    rows = [Reading(Box(10, 10, 140, 12), "Kernel B30f standard", 0.99),
            Reading(Box(100, 26, 50, 12), "W 80 L 35", 0.99)]  # fmt: skip
    assert find_missing_lines(rows, picture) == []
    late = [rows[0], Reading(Box(100, 26, 40, 12), "W 80 L 35", 0.99)]
    assert len(find_missing_lines(late, picture)) == 1
