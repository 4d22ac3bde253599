from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.line_merging import (
    get_upright_box,
    group_blocks,
    group_rows,
    merge_readings,
    overlaps_line,
    replace_lines,
)


def line_at(text, *box, frames=None):
    return TextLine(frames, Box(*box), text, 0.99, "test")


def test_a_better_reading_replaces_the_lines_in_its_place():
    parts = [Reading(Box(10, 10, 60, 12), "Thick", 0.9), Reading(Box(74, 11, 40, 12), "mm", 0.8)]
    other = Reading(Box(10, 30, 60, 12), "CHEST", 0.9)
    whole = Reading(Box(8, 9, 110, 14), "Thickness 5 mm", 0.95)
    kept, found = replace_lines([*parts, other], [whole])
    assert (kept, found.text, found.variants) == (other, whole.text, ("Thick", "mm"))


def test_the_longer_reliable_reading_wins_and_the_other_is_a_variant():
    short = Reading(Box(10, 10, 40, 12), "Nam", 0.9)
    long = Reading(Box(10, 10, 120, 12), "Name: SMITH", 0.99)
    (kept,) = merge_readings([short, long])
    assert kept.text == "Name: SMITH"
    assert kept.variants == ("Nam",)


def test_a_reading_over_two_rows_of_another_rendering_is_dropped():
    tall = Reading(Box(10, 10, 100, 34), "0820 31", 0.99)
    rows = [
        Reading(Box(10, 8, 60, 16), "M 63", 0.9),
        Reading(Box(10, 27, 100, 16), "08/20/31", 0.9),
    ]
    assert [reading.text for reading in merge_readings([tall, *rows])] == ["M 63", "08/20/31"]
    assert merge_readings([tall, rows[0]])[-1].text == "0820 31"


def test_the_part_of_a_reading_beyond_another_is_kept():
    one = Reading(Box(10, 10, 100, 12), "Patient ID", 0.99)
    two = Reading(Box(60, 10, 150, 12), "ID: 3209648", 0.9)
    texts = [reading.text for reading in merge_readings([one, two])]
    assert texts[0] == "Patient ID" and texts[1].endswith("3209648")


def test_an_unreadable_line_wins_over_a_few_badly_read_letters():
    unreadable = Reading(Box(10, 10, 280, 20), "", 0.79, 180)
    letters = Reading(Box(8, 9, 284, 22), "na emh", 0.39, 180)
    (kept,) = merge_readings([letters, unreadable])
    assert kept.text == ""


def test_a_well_read_line_wins_over_an_unreadable_one():
    unreadable = Reading(Box(10, 10, 280, 20), "", 0.79, 180)
    clear = Reading(Box(10, 10, 280, 20), "HARTWELL AGNES", 0.95)
    assert merge_readings([clear, unreadable])[0].text == "HARTWELL AGNES"


def test_a_reading_grows_to_the_height_of_other_renderings():
    low = Reading(Box(10, 12, 120, 10), "Name: SMITH", 0.99)
    high = Reading(Box(10, 10, 118, 12), "Name", 0.9)
    (kept,) = merge_readings([low, high])
    assert kept.box == Box(10, 10, 120, 12)


boxes = st.tuples(
    *(st.integers(0, 400), st.integers(0, 400)), st.integers(8, 90), st.integers(8, 20)
).map(lambda values: Box(*values))


@given(st.lists(st.tuples(boxes, st.text("AB 12", min_size=1, max_size=9)), max_size=8))
def test_every_line_is_in_exactly_one_block_at_its_offset(found):
    lines = [TextLine(None, box, text, 0.9, "") for box, text in found]
    blocks = group_blocks(lines)
    assert sorted(line for block in blocks for line, _ in block.places) == list(range(len(lines)))
    for block in blocks:
        for line, begin in block.places:
            assert block.text[begin:].startswith(lines[line].text)


def test_tightly_set_rows_are_two_rows():
    top, below = line_at("24-MAY-02", 546, 0, 94, 16), line_at("11:24:20", 528, 8, 112, 19)
    assert group_blocks((top, below))[0].text == "24-MAY-02\n11:24:20"


def test_a_value_far_from_its_label_is_in_the_block_of_the_label():
    value = line_at("Hill", 240, 10, 32, 14)
    assert len(group_blocks([line_at("Patient:", 10, 10, 64, 14), value])) == 1
    assert len(group_blocks([line_at("Findings", 10, 10, 64, 14), value])) == 2


def test_lines_of_different_frames_are_in_different_blocks():
    first = line_at("Chest", 10, 10, 40, 14, frames=(0,))
    second = line_at("PA", 56, 10, 16, 14, frames=(1,))
    assert len(group_blocks([first, second])) == 2


def test_rows_are_ordered_from_top_to_bottom_and_left_to_right():
    lines = [
        line_at("C", 10, 40, 10, 14),
        line_at("B", 80, 11, 10, 14),
        line_at("A", 10, 10, 10, 14),
    ]
    assert group_rows(lines) == [[2, 1], [0]]


@pytest.mark.parametrize(
    ("rotation", "box"),
    [
        (0, Box(10, 20, 30, 40)),
        (90, Box(20, -40, 40, 30)),
        (180, Box(-40, -60, 30, 40)),
        (270, Box(-60, 10, 40, 30)),
    ],
)
def test_an_upright_box_is_rotated_with_its_frame(rotation, box):
    assert get_upright_box(Reading(Box(10, 20, 30, 40), "A", 1.0, rotation)) == box


@pytest.mark.parametrize(
    ("line", "overlaps"),
    [(Box(50, 4, 40, 10), True), (Box(99, 0, 40, 10), False), (Box(50, 8, 40, 10), False)],
)
def test_a_box_overlaps_a_line_by_more_than_an_edge(line, overlaps):
    assert overlaps_line(Box(0, 0, 100, 10), line) == overlaps
